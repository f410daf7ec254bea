import type { AuditEngine, EngineAnswer } from '../engines/engine.ts';
import { severities } from '../finding.ts';
import type { Marked } from '../fingerprint.ts';
import { type Baseline, hasExpired } from '../gate/baseline.ts';
import { compareGaps, compareWithBaseline } from '../gate/compare.ts';
import { asGap } from '../gate/gapVerdict.ts';
import { applyGate } from '../gate/gate.ts';
import type { Comparison, KnownGap, ResultFinding } from '../gate/outcome.ts';
import { severityOf } from '../gate/severity.ts';
import type { GateTerms } from '../gate/terms.ts';
import type { AuditInput } from '../sourceTree.ts';
import { type Requirement, type Verdict, verdicts } from '../verdict.ts';
import type { AuditResult } from './auditResult.ts';
import type { TokenReport } from './tokenReport.ts';

export interface ResultFacts {
  /** Content hash of everything that shaped the engine's answer. */
  auditId: string;
  now: Date;
  /** ISO time at which the engine gave the answer. */
  answeredAt: string;
  engine: Pick<AuditEngine, 'name' | 'model' | 'note'>;
  input: Omit<AuditInput, 'files'>;
  answer: Pick<EngineAnswer, 'summary' | 'findings'> & { requirements: readonly Marked[] };
  tokenReport: TokenReport;
  terms: GateTerms;
  project: string | undefined;
  /** The gaps the project's last run left, as `knownGaps` gave them; undefined where there was none. */
  previous: readonly KnownGap[] | undefined;
}

/** The answer of an audit: what the engine judged, with all that is computed here. */
export function finishResult(facts: ResultFacts): AuditResult {
  const { input, engine, answer, terms, previous, now } = facts;
  const { failOn, baseline } = terms;
  const accepted = acceptedBy(baseline, now);
  const marked = answer.requirements;
  const findings = [...input.secrets, ...answer.findings]
    .map((finding): ResultFinding => ({ ...finding, accepted: accepted(finding.fingerprint) }))
    .sort(worstFinding);
  const compared = {
    baseline: baseline ? compareWithBaseline(marked, findings, baseline, now) : null,
    previous: previous ? compareGaps(marked, previous) : null,
  };
  const stateOf = gapState(compared);
  const requirements = marked.map((one): Requirement => {
    const state = stateOf(one);
    return {
      ...one,
      severity: severityOf(one.obligation, one.verdict),
      state,
      accepted: state === 'accepted' ? accepted(one.fingerprint) : null,
    };
  });
  return {
    audit_id: facts.auditId,
    date: now.toISOString(),
    project: facts.project ?? null,
    engine: { name: engine.name, model: engine.model, note: engine.note },
    design: input.designs.map(({ path }) => path),
    question: input.question ?? null,
    summary: answer.summary,
    gate: applyGate(requirements, findings, failOn),
    counts: countVerdicts(requirements),
    requirements,
    findings,
    compared,
    token_report: facts.tokenReport,
    answered_at: facts.answeredAt,
    skipped_files: [...input.skipped],
    unselected_files: { ...input.unselected },
  };
}

/** The entry of the baseline that stands for a fingerprint today. */
function acceptedBy(baseline: Baseline | undefined, now: Date) {
  const entries = new Map(
    (baseline?.accepted ?? [])
      .filter((entry) => !hasExpired(entry, now))
      .map(({ fingerprint, reason, expires = null }) => [fingerprint, { reason, expires }]),
  );
  return (fingerprint: string): Requirement['accepted'] => entries.get(fingerprint) ?? null;
}

/** Accepted before known, and the last run before the baseline, which knows only what was accepted. */
function gapState({ baseline, previous }: { baseline: Comparison | null; previous: Comparison | null }) {
  const prints = (gaps: readonly KnownGap[] = []) => new Set(gaps.map(({ fingerprint }) => fingerprint));
  const [accepted, unchanged] = [prints(baseline?.unchanged), prints(previous?.unchanged)];
  return ({ verdict, fingerprint }: Marked): Requirement['state'] => {
    if (!asGap(verdict)) return null;
    if (accepted.has(fingerprint)) return 'accepted';
    if (unchanged.has(fingerprint)) return 'unchanged';
    return baseline || previous ? 'new' : null;
  };
}

function countVerdicts(requirements: readonly Requirement[]): AuditResult['counts'] {
  const counts = Object.fromEntries(verdicts.map((verdict) => [verdict, 0])) as Record<Verdict, number>;
  for (const { verdict } of requirements) counts[verdict] += 1;
  return counts;
}

function worstFinding(a: ResultFinding, b: ResultFinding): number {
  const bySeverity = severities.indexOf(a.severity) - severities.indexOf(b.severity);
  const [left, right] = [`${a.file}\0`, `${b.file}\0`];
  return bySeverity || (left < right ? -1 : left > right ? 1 : a.line - b.line);
}
