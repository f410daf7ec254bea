import { globSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LexicalEngine } from '../../../shared/audit/engines/lexical/lexicalEngine.ts';
import { extractStatements } from '../../../shared/audit/engines/lexical/requirements.ts';
import { termsOf, words } from '../../../shared/audit/engines/lexical/terms.ts';
import type { AuditInput } from '../../../shared/audit/sourceTree.ts';
import { input } from '../../support/audit.ts';
import { root } from '../../support/process.ts';

const signal = new AbortController().signal;

function sample(): AuditInput {
  const cwd = `${root}local/sample/bookings`;
  const files = globSync('src/*.ts', { cwd })
    .sort()
    .map((path) => ({ path, text: readFileSync(`${cwd}/${path}`, 'utf8') }));
  return {
    ...input,
    files,
    design: { path: 'docs/hld.md', text: readFileSync(`${cwd}/docs/hld.md`, 'utf8') },
  };
}

describe('extractStatements', () => {
  const markdown = `---
title: x
---
# Design

## 1. Purpose
We must explain this first. It reads \`CONFIG_FILE\`.

## 2. Rules
Prose that obliges nobody. The gate must close. It is green.

- Every visitor signs the book
  on paper.
- Short
- Steps:

| Path | Meaning |
| --- | --- |
| \`GET /a\` | Reads a |

\`\`\`ts
// - this must not count
\`\`\`

1. The \`door\` is locked.
`;

  it('takes list items, table rows and sentences that oblige, with their lines', () => {
    expect(extractStatements(markdown).map(({ id, line, text }) => [id, line, text])).toEqual([
      ['R1', 7, 'It reads `CONFIG_FILE`.'],
      ['R2', 10, 'The gate must close.'],
      ['R3', 12, 'Every visitor signs the book on paper.'],
      ['R4', 19, '`GET /a` — Reads a'],
      ['R5', 25, 'The `door` is locked.'],
    ]);
  });

  it('knows the headings above a statement', () => {
    expect(extractStatements('# A\n## B\n### C\n## D\n- it must be here')[0]?.section).toEqual(['A', 'D']);
  });

  it('finds none where none is', () => {
    expect(extractStatements('# Title\n\nSome words.\n')).toEqual([]);
  });
});

describe('terms', () => {
  it('split identifiers at case, digits and punctuation', () => {
    expect(words('parseHTTPHeaders2 retry_after')).toEqual([
      'parse',
      'http',
      'headers',
      '2',
      'retry',
      'after',
    ]);
  });

  it('keep names as they are and stem the rest', () => {
    expect(
      termsOf('On SIGTERM the `BookingRepository` closes connections, see maxRetries and [docs](http://x)'),
    ).toEqual({
      literals: ['BookingRepository', 'SIGTERM', 'maxRetries'],
      stems: ['close', 'connect', 'see', 'doc'],
    });
  });

  it('reduce a route to its fixed beginning', () => {
    expect(termsOf('`PATCH /bookings/:id` and `GET /api/{id}/x`').literals).toEqual(['/bookings', '/api']);
  });
});

describe('LexicalEngine', () => {
  it('judges the shop by where its words stand', async () => {
    const { requirements, usage, summary } = await new LexicalEngine().assess(input, { signal });
    expect(requirements.map((r) => [r.verdict, r.design_line])).toEqual([
      ['implemented', 3],
      ['implemented', 4],
      ['missing', 5],
    ]);
    expect(requirements[0]?.evidence[0]).toMatchObject({ file: 'src/users.ts' });
    expect(requirements[2]?.evidence).toEqual([]);
    expect([usage, summary]).toEqual([null, '3 requirements found in the design: 2 implemented, 1 missing.']);
  });

  it('tells what the sample service lacks from what it has', async () => {
    const { requirements } = await new LexicalEngine().assess(sample(), { signal });
    const verdictOf = (words: string) => requirements.find((r) => r.requirement.includes(words))?.verdict;
    for (const built of [
      'POST /bookings',
      'GET /slots',
      'no slots on Sundays',
      'fourth attempt',
      '60 days ahead',
      'masked in every log line',
      'Log lines are JSON',
      'BookingRepository',
    ]) {
      expect([built, verdictOf(built)]).toEqual([built, 'implemented']);
    }
    for (const absent of [
      'GET /metrics',
      'HOLIDAY_CALENDAR',
      'SMS_GATEWAY_URL',
      'x-api-key',
      'Retry-After',
      'audit trail',
      'rotated every 90 days',
    ]) {
      expect([absent, verdictOf(absent)]).toEqual([absent, 'missing']);
    }
    expect(verdictOf('percent of requests')).toBe('not_assessable');
  });

  it('quotes only what stands in the source, at the line it says', async () => {
    const tree = sample();
    const { requirements } = await new LexicalEngine().assess(tree, { signal });
    const evidence = requirements.flatMap((r) => r.evidence);
    expect(evidence.length).toBeGreaterThan(30);
    for (const { file, line, quote } of evidence) {
      expect(tree.files.find((f) => f.path === file)?.text.split('\n')[line - 1]).toContain(quote);
    }
  });

  it('is deterministic', async () => {
    const [a, b] = await Promise.all([
      new LexicalEngine().assess(sample(), { signal }),
      new LexicalEngine().assess(sample(), { signal }),
    ]);
    expect(a).toEqual(b);
  });

  it('points to where the terms of a question stand', async () => {
    const ask = async (question: string) =>
      (await new LexicalEngine().assess({ ...input, question }, { signal })).summary;
    expect(await ask('Where is the password hashed?')).toContain('src/users.ts:');
    expect(await ask('Quantum entanglement of llamas?')).toContain('do not stand together');
  });

  it('says so where the design states nothing', async () => {
    await expect(
      new LexicalEngine().assess({ ...input, design: { path: 'd', text: '# Hi' } }, { signal }),
    ).rejects.toMatchObject({ code: 'design-not-found' });
  });

  it.each([
    ['brackets', `- must have \`a1\`\n- must ${'['.repeat(200_000)}`],
    ['table rules', `- must close\n${'|'.repeat(200_000)}x`],
    ['headings', `- must close\n# ${'#'.repeat(200_000)}!\n# a${' '.repeat(200_000)}!`],
    ['code marks', `- must ${Array.from({ length: 3_000 }, (_, i) => `\`name${i}\``).join(' ')}`],
  ])('is not stalled by a design full of %s', async (_, text) => {
    const files = Array.from({ length: 300 }, (_, i) => ({
      path: `f${i}.ts`,
      text: 'const gate = open();\n'.repeat(200),
    }));
    let longest = 0;
    let before = performance.now();
    const watch = setInterval(() => {
      longest = Math.max(longest, performance.now() - before);
      before = performance.now();
    }, 1);
    await new LexicalEngine().assess({ ...input, files, design: { path: 'd', text } }, { signal });
    clearInterval(watch);
    expect(longest).toBeLessThan(1_500);
  });

  it('stops when told to', async () => {
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(new LexicalEngine().assess(input, { signal: aborted })).rejects.toThrow('enough');
  });
});
