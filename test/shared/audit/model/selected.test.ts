import { describe, expect, it } from 'vitest';
import { selectFiles } from '../../../../shared/audit/engines/model/selected.ts';

const counted = new Map(
  (
    [
      ['a.ts', 40],
      ['b.ts', 40],
      ['c.ts', 40],
      ['huge.ts', 900],
      ['endless.ts', 9_000],
    ] as const
  ).map(([path, tokens]) => [path, { file: { path, text: path }, tokens }]),
);
const limits = { budget: 100, longest: 1_000, mostEach: 3 };
const ranked = (ranks: Record<string, string[]>) => ({
  rank: (text: string) => (ranks[text] ?? []).map((path, i) => ({ path, score: 10 - i })),
});
const paths = (ranks: Record<string, string[]>, things: Parameters<typeof selectFiles>[0]) =>
  selectFiles(things, counted, ranked(ranks), limits).map(({ files }) => files.map(({ path }) => path));

describe('selectFiles', () => {
  it('takes the files that rank highest, as many as fit, in the order of the tree', () => {
    expect(paths({ one: ['c.ts', 'a.ts', 'b.ts'] }, [{ requirement: 'one' }])).toEqual([['a.ts', 'c.ts']]);
  });

  it('puts the file that was quoted first', () => {
    expect(paths({ one: ['c.ts', 'a.ts'] }, [{ requirement: 'one', evidence: [{ file: 'b.ts' }] }])).toEqual([
      ['b.ts', 'c.ts'],
    ]);
  });

  it('gives a long file that is the likeliest a prompt of its own, and leaves one out that no prompt holds', () => {
    expect(paths({ one: ['endless.ts', 'huge.ts', 'a.ts'] }, [{ requirement: 'one' }])).toEqual([
      ['huge.ts'],
    ]);
    expect(paths({ one: ['a.ts', 'huge.ts', 'b.ts'] }, [{ requirement: 'one' }])).toEqual([['a.ts', 'b.ts']]);
  });

  it('asks together about what the same files show, at most so many at a time', () => {
    const things = ['one', 'two', 'three', 'four'].map((requirement) => ({ requirement }));
    const ranks = Object.fromEntries(things.map(({ requirement }) => [requirement, ['a.ts', 'b.ts']]));
    const groups = selectFiles(things, counted, ranked(ranks), limits);
    expect(groups.map(({ about, tokens }) => [about.length, tokens])).toEqual([
      [3, 80],
      [1, 80],
    ]);
    expect(paths({ one: ['a.ts', 'b.ts'], two: ['c.ts'] }, things.slice(0, 2))).toEqual([
      ['a.ts', 'b.ts'],
      ['c.ts'],
    ]);
  });
});
