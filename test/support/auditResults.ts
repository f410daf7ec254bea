import type { EngineAnswer } from '../../shared/audit/engines/engine.ts';
import type { Finding } from '../../shared/audit/finding.ts';
import { fingerprintOf, requirementFingerprint, withFingerprints } from '../../shared/audit/fingerprint.ts';
import type { KnownGap } from '../../shared/audit/gate/outcome.ts';
import { readGateTerms } from '../../shared/audit/gate/terms.ts';
import type { AuditResult } from '../../shared/audit/report/auditResult.ts';
import { finishResult, type ResultFacts } from '../../shared/audit/report/finishResult.ts';
import { buildTokenReport, type TokenReport } from '../../shared/audit/report/tokenReport.ts';
import type { Judged, Obligation, Verdict } from '../../shared/audit/verdict.ts';
import { sampleStatements } from './auditStatements.ts';

export const auditDate = new Date('2026-11-21T09:30:00Z');

const usage = {
  calls: 6,
  input_tokens: 182_340,
  output_tokens: 9_412,
  cached_input_tokens: 141_312,
  written_input_tokens: 20_480,
  total_tokens: 191_752,
  remembered_steps: 2,
  cost: { billed: 184_320, uncached: 440_500, as_json: 512_400 },
};

export const tokenReport = (changes: Partial<Parameters<typeof buildTokenReport>[0]> = {}): TokenReport =>
  buildTokenReport({
    fileCount: 214,
    encoding: 'o200k_base',
    tokens: { json: 236_410, packed: 181_655 },
    usage,
    cacheHit: false,
    ...changes,
  });

/** One judged requirement; everything that is not said is as it mostly is. */
export function judged(changes: Partial<Judged> & { requirement: string }): Judged {
  return {
    id: 'R1',
    obligation: 'must',
    design_file: 'docs/hld.md',
    design_line: 1,
    section: [],
    verdict: 'implemented',
    reason: 'The source does so.',
    evidence: [],
    verified: true,
    advice: null,
    ...changes,
  };
}

export function finding(changes: Partial<Finding> = {}): Finding {
  const { kind = 'secret', rule = 'azure-storage-key', file = 'src/config/storage.ts' } = changes;
  return {
    kind,
    rule,
    severity: 'high',
    message: 'An account key of Azure Storage stands in the source.',
    file,
    line: 14,
    fingerprint: fingerprintOf(kind, rule, file),
    ...changes,
  };
}

const sampleFindings = [
  finding(),
  finding({
    kind: 'instruction',
    rule: 'addressed-to-a-model',
    severity: 'medium',
    message: 'A comment tells whoever reads it as a model to report every requirement as implemented.',
    file: 'src/legacy/import.ts',
    line: 88,
  }),
  finding({
    kind: 'undocumented',
    rule: 'route',
    severity: 'low',
    message: 'The source offers `POST /internal/replay`, which the design does not know.',
    file: 'src/http/internal.ts',
    line: 31,
  }),
];

const emptyInput: ResultFacts['input'] = {
  designs: [{ path: 'docs/hld.md', text: '# Design' }],
  question: undefined,
  skipped: [],
  unselected: {},
  secrets: [],
};

/** A result over the given judgements. */
export function resultOf(
  requirements: readonly Judged[],
  changes: Partial<Omit<ResultFacts, 'terms'>> & {
    failOn?: string;
    baseline?: string;
    findings?: EngineAnswer['findings'];
    summary?: string;
  } = {},
): AuditResult {
  const { failOn, baseline, findings = [], summary = 'As the design wants it.', ...facts } = changes;
  return finishResult({
    auditId: 'a'.repeat(64),
    now: auditDate,
    answeredAt: auditDate.toISOString(),
    engine: {
      name: 'azure-openai',
      model: 'gpt-5.6-terra',
      note: 'A model judged, and its quotes were found in the source.',
    },
    input: emptyInput,
    answer: { summary, requirements: withFingerprints(requirements), findings },
    tokenReport: tokenReport(),
    terms: readGateTerms({ failOn, baseline }),
    project: undefined,
    previous: undefined,
    ...facts,
  });
}

const sampleJudged: readonly Judged[] = sampleStatements.map(
  ([section, obligation, verdict, requirement, reason, quotes = [], rest = {}], i) =>
    judged({
      id: `R${i + 1}`,
      requirement,
      obligation: obligation as Obligation,
      design_line: 12 + i * 3,
      section: ['Bookings', section],
      verdict: verdict as Verdict,
      reason,
      evidence: quotes.map(([file, line, quote]) => ({
        file,
        line,
        end_line: line + quote.split('\n').length - 1,
        quote,
      })),
      ...rest,
    }),
);

const known = (requirement: string, verdict: Verdict): KnownGap => ({
  fingerprint: requirementFingerprint(requirement),
  requirement,
  verdict,
});

const gaps = sampleJudged.filter(({ verdict }) => verdict === 'missing' || verdict === 'partial');

const sampleBaseline = {
  version: 1,
  accepted: [
    ...gaps.slice(0, 2).map(({ requirement, verdict }) => ({
      ...known(requirement, verdict),
      reason: 'The old importer does it until the end of the year; see the decision of 3 March.',
      expires: '2026-12-31',
    })),
    {
      ...known('Exports are written as fixed-width text for the mainframe.', 'missing'),
      reason: 'The mainframe is being retired.',
    },
    { kind: 'undocumented', fingerprint: sampleFindings[2]?.fingerprint, reason: 'For operators only.' },
    { kind: 'secret', fingerprint: '0123456789abcdef', message: 'A test key.', reason: 'It is for tests.' },
  ],
};

/** Forty requirements of a booking service with a bit of everything. */
export function sampleResult(changes: Parameters<typeof resultOf>[1] = {}): AuditResult {
  return resultOf(sampleJudged, {
    failOn: 'high:1,medium:5,secrets',
    baseline: JSON.stringify(sampleBaseline),
    project: 'bookings',
    findings: sampleFindings,
    summary:
      'The service does most of what its design asks for. What is open is the approval of large orders, which the code contradicts, the audit trail, and two retention rules. Passwords are hashed in `src/users/password.ts`.',
    input: {
      designs: [
        { path: 'docs/hld.md', text: '' },
        { path: 'docs/security.md', text: '' },
      ],
      question: 'Where are passwords hashed?',
      skipped: [
        { path: 'src/generated/client.ts', reason: 'generated, by the mark in its first lines' },
        { path: 'assets/logo.ts', reason: 'not text' },
      ],
      unselected: { '.png': 48, '.lock': 2, node_modules: 18_240 },
      secrets: [],
    },
    previous: [
      ...gaps.slice(0, 5).map(({ requirement, verdict }) => known(requirement, verdict)),
      ...sampleJudged.slice(0, 2).map(({ requirement }) => known(requirement, 'missing')),
    ],
    ...changes,
  });
}

/** Thousands of requirements, by repeating the sample with other numbers in it. */
export function hugeResult(times = 75): AuditResult {
  const many = Array.from({ length: times }, (_, round) =>
    sampleJudged.map((one, i) => ({
      ...one,
      id: `R${round * sampleJudged.length + i + 1}`,
      requirement: `${one.requirement} (area ${round + 1})`,
      design_line: 12 + (round * sampleJudged.length + i) * 3,
      section: ['Bookings', `Area ${round + 1}`, ...one.section.slice(1)],
    })),
  );
  return resultOf(many.flat(), { findings: sampleFindings, project: 'bookings' });
}
