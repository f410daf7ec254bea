import { describe, expect, it } from 'vitest';
import { candidatesOf } from '../../../../shared/audit/engines/model/candidates.ts';
import { weigh } from '../../../../shared/audit/engines/model/confirmation.ts';
import { mergeOpinions, type PartOpinion } from '../../../../shared/audit/engines/model/merging.ts';
import type { Stated, Verdict } from '../../../../shared/audit/verdict.ts';

const stated: Stated = {
  id: 'R1',
  requirement: 'It must hash.',
  obligation: 'must',
  design_file: 'd.md',
  design_line: 1,
  section: [],
};
const files = new Map([
  ['a.ts', { path: 'a.ts', text: 'const a = 1;\nreturn scrypt(password);\n' }],
  ['b.ts', { path: 'b.ts', text: 'return md5(password);\n' }],
]);
const there = { file: 'a.ts', quote: 'return scrypt(password);' };
const elsewhere = { file: 'b.ts', quote: 'return md5(password);' };
const invented = { file: 'a.ts', quote: 'return bcrypt(password);' };
const opinion = (verdict: PartOpinion['verdict'], ...evidence: PartOpinion['evidence']): PartOpinion => ({
  verdict,
  reason: `It is ${verdict}.`,
  evidence,
});

describe('mergeOpinions', () => {
  it.each<[string, PartOpinion[], [string, boolean, number]]>([
    ['nothing said', [], ['not_assessable', false, 0]],
    ['one proof', [opinion('implemented', there)], ['implemented', true, 1]],
    [
      'a proof beats what others lack',
      [opinion('missing'), opinion('implemented', there)],
      ['implemented', true, 1],
    ],
    ['part of it beats nothing', [opinion('missing'), opinion('partial', there)], ['partial', true, 1]],
    [
      'what is otherwise anywhere is otherwise',
      [opinion('implemented', there), opinion('contradicted', elsewhere)],
      ['contradicted', true, 1],
    ],
    [
      'an invented contradiction does not beat a proof',
      [opinion('contradicted', invented), opinion('implemented', there)],
      ['implemented', true, 1],
    ],
    [
      'an invented proof alone is not verified',
      [opinion('implemented', invented)],
      ['implemented', false, 0],
    ],
    [
      'an invented proof does not beat what is missing',
      [opinion('implemented', invented), opinion('missing')],
      ['missing', true, 0],
    ],
    [
      'proofs of the same add up',
      [opinion('partial', there), opinion('partial', elsewhere)],
      ['partial', true, 2],
    ],
    ['a quote beside a gap that has none is dropped', [opinion('missing', there)], ['missing', true, 0]],
    ['missing beats not assessable', [opinion('not_assessable'), opinion('missing')], ['missing', true, 0]],
  ])('%s', (_, opinions, [verdict, verified, evidence]) => {
    for (const order of [opinions, opinions.toReversed()]) {
      const judged = mergeOpinions(stated, order, files);
      expect([judged.verdict, judged.verified, judged.evidence.length]).toEqual([
        verdict,
        verified,
        evidence,
      ]);
    }
  });

  it('gives no more proofs than people read', () => {
    const text = Array.from({ length: 9 }, (_, n) => `export const value${n} = ${n};`).join('\n');
    const quotes = text.split('\n').map((quote) => ({ file: 'c.ts', quote }));
    const { evidence } = mergeOpinions(
      stated,
      [opinion('implemented', ...quotes)],
      new Map([['c.ts', { path: 'c.ts', text }]]),
    );
    expect(evidence.map(({ line }) => line)).toEqual([1, 2, 3, 4, 5]);
  });

  it('keeps a reason on one line, and not longer than people read', () => {
    const { reason } = mergeOpinions(
      stated,
      [{ ...opinion('missing'), reason: `a\nb${'c'.repeat(900)}` }],
      files,
    );
    expect(reason).toMatch(/^a b/);
    expect(reason).toHaveLength(400);
  });
});

describe('weigh', () => {
  it.each<[Verdict, string, PartOpinion | undefined, [Verdict, boolean]]>([
    ['missing', 'silence', undefined, ['missing', false]],
    ['missing', 'a contradiction that is shown', opinion('contradicted', there), ['missing', true]],
    ['partial', 'a proof', opinion('implemented', there), ['partial', false]],
    ['partial', 'the same', opinion('partial', there), ['partial', true]],
    ['partial', 'nothing of it', opinion('missing'), ['partial', true]],
    ['contradicted', 'a proof', opinion('implemented', there), ['contradicted', false]],
    ['contradicted', 'a part that is shown', opinion('partial', there), ['contradicted', false]],
    ['contradicted', 'a part that is invented', opinion('partial', invented), ['contradicted', true]],
    ['contradicted', 'nothing of it', opinion('missing'), ['contradicted', true]],
    ['contradicted', 'a doubt', opinion('not_assessable'), ['contradicted', false]],
  ])('%s, and the second look finds %s', (verdict, _, second, expected) => {
    const first = mergeOpinions(stated, [opinion(verdict, ...(verdict === 'missing' ? [] : [there]))], files);
    const said = second && { ...second, id: 'R1', evidence: [...second.evidence] };
    const weighed = weigh(first, said, files);
    expect([weighed.verdict, weighed.verified]).toEqual(expected);
  });
});

describe('candidatesOf', () => {
  const part = (...paths: string[]) => ({
    files: paths.map((path) => ({ path, text: '' })),
    tokens: 1,
    hash: paths.join(),
  });
  const parts = [part('a.ts'), part('b.ts'), part('c.ts'), part('d.ts'), part('e.ts')];
  const ranked = (scores: Record<string, number>) => ({
    rank: () => Object.entries(scores).map(([path, score]) => ({ path, score })),
  });
  const asked = (scores: Record<string, number>) =>
    candidatesOf([stated], parts, ranked(scores)).asked.flatMap((list, n) => (list.length > 0 ? [n] : []));

  it('asks the parts that come near the best, at most three, and some in any case', () => {
    expect(asked({ 'b.ts': 4, 'd.ts': 2, 'a.ts': 1.9 })).toEqual([1, 3]);
    expect(asked({ 'a.ts': 4, 'b.ts': 4, 'c.ts': 4, 'd.ts': 4, 'e.ts': 4 })).toEqual([0, 1, 2]);
    expect(asked({})).toEqual([0, 1, 2]);
  });

  it('ranks a part by its best file, however many it has', () => {
    const scores = { 'a.ts': 1.5, 'b.ts': 1.5, 'c.ts': 4, 'd.ts': 1.9, 'e.ts': 1 };
    const { asked: lists } = candidatesOf(
      [stated],
      [part('a.ts', 'b.ts'), part('c.ts', 'e.ts'), part('d.ts')],
      ranked(scores),
    );
    expect(lists.map((list) => list.length)).toEqual([0, 1, 0]);
  });

  it('tells what it asked some parts about without knowing which', () => {
    expect([...candidatesOf([stated], parts, ranked({})).guessed]).toEqual(['R1']);
    expect([...candidatesOf([stated], parts, ranked({ 'b.ts': 1 })).guessed]).toEqual([]);
    expect([...candidatesOf([stated], parts.slice(0, 3), ranked({})).guessed]).toEqual([]);
  });

  it('asks the one part there is about everything', () => {
    expect(candidatesOf([stated], [part('a.ts')], ranked({}))).toEqual({
      asked: [[stated]],
      guessed: new Set(),
    });
  });
});
