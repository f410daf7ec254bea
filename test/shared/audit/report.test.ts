import { describe, expect, it } from 'vitest';
import { locate, verify } from '../../../shared/audit/evidence.ts';
import { type AuditResult, buildAuditResult } from '../../../shared/audit/report/auditResult.ts';
import { toMarkdown } from '../../../shared/audit/report/markdown.ts';
import { buildTokenReport } from '../../../shared/audit/report/tokenReport.ts';
import { input } from '../../support/audit.ts';

const files = new Map(input.files.map((file) => [file.path, file]));
const usage = {
  input_tokens: 12_000,
  output_tokens: 345,
  cached_input_tokens: 1_024,
  written_input_tokens: 0,
  total_tokens: 12_345,
};

function result(
  changes: Partial<AuditResult> = {},
  withUsage: typeof usage | null = usage,
  cacheHit = false,
): AuditResult {
  const tokenReport = buildTokenReport({
    fileCount: 2,
    encoding: 'o200k_base',
    tokens: { json: 2_000, packed: 1_500 },
    usage: withUsage,
    cacheHit,
  });
  const requirement = {
    id: 'R1',
    requirement: 'It must | hold *firmly*',
    design_line: 1,
    verdict: 'implemented' as const,
    reason: 'r',
    evidence: [{ file: 'a.ts', line: 3, quote: 'a || `b`' }],
  };
  const built = buildAuditResult({
    key: 'k',
    now: new Date('2026-11-21T00:00:00Z'),
    engine: { name: 'azure-openai', model: 'd', note: 'A note.' },
    input: { ...input, skipped: [{ path: 'x.ts', reason: 'binary' }], unselected: { '.tsx': 1_200 } },
    answer: { summary: 'Fine <b>.', requirements: [requirement], usage: withUsage },
    answeredAt: '2026-11-20T00:00:00Z',
    tokenReport,
  });
  return { ...built, ...changes };
}

describe('evidence', () => {
  it('is found by lines, whatever their indentation', () => {
    expect(
      locate(
        {
          file: './src/users.ts',
          quote: 'export function hashPassword(password: string) {\n    return scrypt(password);',
        },
        files,
      ),
    ).toEqual({
      file: 'src/users.ts',
      line: 2,
      quote: 'export function hashPassword(password: string) {\n  return scrypt(password);',
    });
    expect(locate({ file: 'src/users.ts', quote: 'scrypt(password)' }, files)).toMatchObject({ line: 3 });
  });

  it.each([
    ['a file that is not there', { file: 'src/none.ts', quote: 'x' }],
    ['words that are not there', { file: 'src/users.ts', quote: 'bcrypt(password)' }],
    ['a brace', { file: 'src/users.ts', quote: '}' }],
    ['a keyword', { file: 'src/users.ts', quote: 'return' }],
    ['nothing', { file: 'src/users.ts', quote: ' \n ' }],
    [
      'lines that do not follow each other',
      { file: 'src/users.ts', quote: "import { scrypt } from 'node:crypto';\nreturn scrypt(password);" },
    ],
  ])('is not %s', (_, claim) => {
    expect(locate(claim, files)).toBeUndefined();
  });

  it('that fails leaves a verdict without weight, but a missing one stands', () => {
    const claim = {
      id: 'R1',
      requirement: 'r',
      design_line: null,
      reason: 'Because.',
      evidence: [{ file: 'x', quote: 'y' }],
    };
    expect(verify({ ...claim, verdict: 'contradicted' }, files)).toMatchObject({
      verdict: 'not_assessable',
      evidence: [],
    });
    expect(verify({ ...claim, verdict: 'missing' }, files)).toMatchObject({
      verdict: 'missing',
      reason: 'Because.',
    });
  });
});

describe('toMarkdown', () => {
  it('has every row, status and impact', () => {
    const report = toMarkdown(result());
    for (const line of [
      '**Date:** 2026-11-21T00:00:00.000Z',
      '**Files Analyzed:** 2',
      '| **Baseline (JSON Input)** | 2,000 |',
      '| **Optimized (TOON Input)** | 1,500 |',
      '| **Actual Input** | 12,000 |',
      '| **Tokens Saved** | **500** |',
      '| **Reduction Rate** | **25.00%** |',
      '| **Status** | MISS (API Called) |',
      '| **Gross Tokens (Work Done)** | 12,345 |',
      '| **Net Tokens Billed** | **12,345** |',
      '| **Azure Cached Tokens** | **1,024** |',
      '| **Status** | Active (Tokens Read from Cache) |',
      '| **Impact** | Reduced latency and input cost. |',
      '- `x.ts`: binary',
      '- No source by the settings: 1,200 `.tsx`',
    ]) {
      expect(report).toContain(line);
    }
  });

  it('says what a cache hit, a cold prompt cache and no model mean', () => {
    const hit = toMarkdown(result({}, { ...usage, cached_input_tokens: 0 }, true));
    expect(hit).toContain('| **Status** | HIT (Free) |');
    expect(hit).toContain('| **Net Tokens Billed** | **0** |');
    expect(hit).toContain('Inactive (First Request or Not Supported)');
    expect(hit).toContain('Full processing required.');
    const lexical = toMarkdown(result({ engine: { name: 'lexical', model: null, note: 'n' } }, null));
    expect(lexical).toContain('MISS (no model called)');
    expect(lexical).toContain('Not used (no model called)');
    expect(lexical).toContain('counted, as no model was called');
    expect(lexical).not.toContain('Actual Input');
  });

  it('lets no text from outside become markup', () => {
    const report = toMarkdown(result({ question: 'a\n# b <script>' }));
    expect(report).toContain('It must \\| hold \\*firmly\\*');
    expect(report).toContain('Fine \\<b\\>.');
    expect(report).toContain('**Question:** a \\# b \\<script\\>');
    expect(report).toContain('`` a \\|\\| `b` ``');
    expect(
      report
        .split('\n')
        .filter((line) => line.startsWith('| R1'))
        .map((line) => line.match(/(?<!\\)\|/g)?.length),
    ).toEqual([5]);
  });

  it.each([
    ['```<img src=x onerror=alert(1)>` do `foo` things', '\\<img src=x onerror=alert(1)\\>'],
    ['```[click](http://evil.example)` x', '\\[click\\](http://evil.example)'],
    ['`<b>` is code', '`<b>` is code'],
  ])('takes only whole code marks for code: %s', (question, shown) => {
    expect(toMarkdown(result({ question }))).toContain(shown);
  });

  it('leaves out what there is none of', () => {
    expect(toMarkdown(result({ skipped_files: [], unselected_files: {} }))).not.toContain('Files left out');
  });
});

describe('buildTokenReport', () => {
  it('survives an input of nothing', () => {
    expect(
      buildTokenReport({
        fileCount: 0,
        encoding: 'o200k_base',
        tokens: { json: 0, packed: 0 },
        usage: null,
        cacheHit: false,
      }).reduction_rate,
    ).toBe(0);
  });
});
