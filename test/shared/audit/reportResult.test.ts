import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readAnswerForm, resultAnswer } from '../../../shared/audit/report/answerForm.ts';
import { auditResultJsonSchema, auditResultSchema } from '../../../shared/audit/report/auditResult.ts';
import { buildTokenReport } from '../../../shared/audit/report/tokenReport.ts';
import { verdictSentence } from '../../../shared/audit/report/verdictSentence.ts';
import { toSentences } from '../../../shared/audit/tools/sentences.ts';
import { finding, judged, resultOf, sampleResult } from '../../support/auditResults.ts';
import { hostileResult, hostileText } from '../../support/hostileTexts.ts';

const validate = addFormats.default(new Ajv2020({ strict: false })).compile(auditResultJsonSchema());

describe('finishResult', () => {
  it('gives what the published schema says', () => {
    for (const result of [sampleResult(), resultOf([]), hostileResult('\ud800\u0000')]) {
      const written: unknown = JSON.parse(JSON.stringify(result));
      validate(written);
      expect(validate.errors ?? []).toEqual([]);
      expect(auditResultSchema.parse(written)).toEqual(written);
    }
  });

  it('tells equal requirements apart by their order', () => {
    const twice = [
      judged({ requirement: 'It is *logged*.' }),
      judged({ requirement: 'it is  logged.', id: 'R2' }),
    ];
    const { requirements } = resultOf(twice);
    expect(new Set(requirements.map(({ fingerprint }) => fingerprint)).size).toBe(2);
    expect(resultOf(twice.slice(0, 1)).requirements[0]?.fingerprint).toBe(requirements[0]?.fingerprint);
  });

  it('counts verdicts, weighs gaps and knows their state', () => {
    const { counts, requirements, gate } = sampleResult();
    expect(counts).toEqual({ implemented: 22, partial: 6, missing: 7, contradicted: 2, not_assessable: 3 });
    const states = (id: string) => {
      const one = requirements.find((requirement) => requirement.id === id);
      return [one?.severity, one?.state, one?.accepted?.expires];
    };
    expect(states('R1')).toEqual(['none', null, undefined]);
    expect(states('R3')).toEqual(['medium', 'accepted', '2026-12-31']);
    expect(states('R7')).toEqual(['high', 'new', undefined]);
    expect(states('R9')).toEqual(['high', 'unchanged', undefined]);
    expect(states('R6')).toEqual(['none', null, undefined]);
    expect(gate).toMatchObject({ passed: false, counted: { high: 4, medium: 4, low: 3 } });
  });

  it('knows no state where there is nothing to compare with', () => {
    const { requirements, compared } = resultOf([judged({ requirement: 'x', verdict: 'missing' })]);
    expect(requirements[0]?.state).toBeNull();
    expect(compared).toEqual({ baseline: null, previous: null });
  });

  it('puts secrets and findings of the engine together, worst first', () => {
    const { findings } = resultOf([], {
      findings: [
        finding({ severity: 'low', kind: 'undocumented', rule: 'route', file: 'a.ts', line: 1 }),
        finding({ file: 'b.ts' }),
      ],
      input: {
        designs: [],
        question: undefined,
        skipped: [],
        unselected: {},
        secrets: [finding({ file: 'a.ts', line: 9 }), finding({ file: 'a.ts', line: 2 })],
      },
    });
    expect(findings.map(({ file, line }) => `${file}:${line}`)).toEqual([
      'a.ts:2',
      'a.ts:9',
      'b.ts:14',
      'a.ts:1',
    ]);
  });
});

describe('the form of an answer', () => {
  const formOf = (accept: string, query = '') =>
    readAnswerForm(new URLSearchParams(query), new Headers({ accept })).format;

  it.each([
    ['*/*', undefined],
    ['text/markdown', 'markdown'],
    ['application/xhtml+xml, Text/HTML;q=0.9', 'html'],
    ['application/sarif+json', 'sarif'],
    ['application/xml', 'junit'],
    ['text/xml', 'junit'],
    ['application/json, text/html', undefined],
    ['text/html, application/json', 'html'],
    ['toString', undefined],
  ])('that accepts %s is %s', (accept, format) => {
    expect(formOf(accept)).toBe(format);
    expect(formOf(accept, 'format=sarif')).toBe('sarif');
  });

  it('keeps the headers it is given, whatever it is', () => {
    const headers = { ratelimit: '"a";r=1' };
    for (const format of [undefined, 'markdown'] as const)
      expect(resultAnswer(sampleResult(), { format, reports: [] }, headers).headers).toMatchObject(headers);
  });
});

describe('what an audit has cost', () => {
  const counted = { fileCount: 1, encoding: 'o200k_base', tokens: { json: 10, packed: 8 } };
  const usage = {
    calls: 1,
    input_tokens: 8,
    output_tokens: 1,
    cached_input_tokens: 0,
    written_input_tokens: 0,
    total_tokens: 9,
    remembered_steps: 0,
    cost: null,
  };

  it('is not known where a price is not, and nothing where the answer came from the cache', () => {
    const unknown = { billed_usd: null, baseline_usd: null, saved_by_packing_usd: null };
    const asked = buildTokenReport({ ...counted, usage, cacheHit: false });
    expect(asked.cost).toMatchObject({ ...unknown, saved_by_local_cache_usd: 0 });
    const cached = buildTokenReport({ ...counted, usage, cacheHit: true });
    expect(cached.cost).toMatchObject({ ...unknown, billed_usd: 0, saved_by_local_cache_usd: null });
  });

  it('is nothing where no model was called', () => {
    const { cost } = buildTokenReport({ ...counted, usage: null, cacheHit: false });
    expect(cost).toMatchObject({ billed_usd: 0, baseline_usd: 0, saved_by_packing_usd: 0 });
  });
});

describe('verdictSentence', () => {
  const told = (changes: Parameters<typeof judged>[0]) => verdictSentence(judged(changes));

  it('says requirement, place, verdict, reason and proof', () => {
    const evidence = [1, 2, 3, 4].map((line) => ({
      file: 'src/a.ts',
      line,
      end_line: line,
      quote: `line\n  ${line}`,
    }));
    expect(
      told({
        requirement: 'Orders are numbered.',
        verdict: 'partial',
        reason: 'Some are.',
        evidence,
        design_line: 7,
      }),
    ).toBe(
      'R1 “Orders are numbered.” (docs/hld.md:7) is partial: Some are [src/a.ts:1 “line 1”; src/a.ts:2 “line 2”; src/a.ts:3 “line 3”; 1 more].',
    );
    expect(
      told({ requirement: 'x', verdict: 'not_assessable', reason: 'Nobody knows', verified: false }),
    ).toBe('R1 “x” (docs/hld.md:1) is not assessable (unverified): Nobody knows.');
  });

  it('is one line of bounded length, without marks that turn text around', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const long = text.repeat(200);
        const sentence = told({
          requirement: long,
          reason: long,
          evidence: [{ file: 'a', line: 1, end_line: 1, quote: long }],
        });
        expect(sentence).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u);
        expect(sentence.isWellFormed()).toBe(true);
        expect(sentence.length).toBeLessThan(1_000);
      }),
    );
  });
});

describe('toSentences', () => {
  const lines = toSentences(sampleResult()).split('\n');

  it('says how it ended, then every requirement, what is wrong first', () => {
    expect(lines[0]).toMatch(
      /^The audit says: contradicted \(2 contradicted, 7 missing, 6 partial, 3 not assessable, 22 implemented\)\. The service does most/,
    );
    expect(lines[1]).toMatch(/^The gate failed on high:1,medium:5,secrets: 4 gaps of high severity/);
    expect(lines[3]).toMatch(/^R7 “Orders above 1,000 dollars .* is contradicted: /);
    expect(lines.filter((line) => /^R\d+ “/.test(line))).toHaveLength(40);
    expect(lines).toContain(
      'Advice for R9: Write a row in `OrderRepository.update`, in the same transaction.',
    );
    expect(lines).toContainEqual(
      expect.stringMatching(/^Found: secret, An account key .* src\/config\/storage\.ts:14\.$/),
    );
    expect(lines.at(-1)).toBe('Not read: assets/logo.ts, not text.');
  });
});
