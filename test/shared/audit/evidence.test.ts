import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { locate, locateAll } from '../../../shared/audit/evidence.ts';

const text = 'import { a } from "b";\n\nexport function pay(amount: number) {\n\treturn charge(amount);\n}\n';
const files = new Map([['src/pay.ts', { path: 'src/pay.ts', text }]]);
const at = (quote: string, file = 'src/pay.ts') => locate({ file, quote }, files);

describe('locate', () => {
  it.each([
    ['a line', 'return charge(amount);', 4, 4],
    ['a line in part', 'function pay(amount', 3, 3],
    ['other indentation', 'export function pay(amount: number) {\n  return charge(amount);', 3, 4],
    ['the end of a first line', 'pay(amount: number) {\nreturn charge(amount);', 3, 4],
    ['the start of a last line', 'export function pay(amount: number) {\nreturn charge', 3, 4],
  ])('finds %s', (_, quote, line, end_line) => {
    expect(at(quote)).toMatchObject({ file: 'src/pay.ts', line, end_line });
  });

  it('gives the text as it stands', () => {
    expect(at('export function pay(amount: number) {\nreturn charge(amount);')?.quote).toBe(
      'export function pay(amount: number) {\n\treturn charge(amount);',
    );
    expect(at('./return', 'src/other.ts')).toBeUndefined();
    expect(at('return charge(amount);', './src/pay.ts')?.line).toBe(4);
  });

  it.each([
    ['what is not there', 'return refund(amount);'],
    ['another order', 'return charge(amount);\nexport function pay(amount: number) {'],
    ['what stands in any file', '}'],
    ['a word that says little', 'return'],
    ['nothing', ''],
    ['marks alone', '----------------'],
    ['more lines than a quote has', text.repeat(4)],
  ])('does not take %s', (_, quote) => {
    expect(at(quote)).toBeUndefined();
  });

  it('takes the shortest quote that says something, and shows no more of a long one than people read', () => {
    const long = `const line = '${'x'.repeat(500)}';`;
    const file = { path: 'x', text: `let abc=1;\n${long}\n` };
    const found = (quote: string) => locate({ file: 'x', quote }, new Map([['x', file]]));
    expect(found('let abc=')).toBeUndefined();
    expect(found('let abc=1')).toMatchObject({ line: 1 });
    expect(found(long)?.quote).toHaveLength(400);
  });

  it('names each place once', () => {
    const claim = { file: 'src/pay.ts', quote: 'return charge(amount);' };
    expect(locateAll([claim, claim, { ...claim, quote: 'no such thing' }], files)).toHaveLength(1);
  });

  it('is not kept busy by ten thousand claims', () => {
    const long = Array.from({ length: 40_000 }, (_, n) => `export const value${n} = ${n};`).join('\n');
    const tree = new Map([['a.ts', { path: 'a.ts', text: `${long}\nexport const last = 1;` }]]);
    const claims = Array.from({ length: 10_000 }, () => ({
      file: 'a.ts',
      quote: 'export const last = 1;\nno such line',
    }));
    const began = performance.now();
    expect(locateAll(claims, tree)).toEqual([]);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  it('says only what stands there, whatever is claimed', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[ \ta-zA-Z(){};=]{0,30}$/)), fc.string(), (lines, quote) => {
        const file = { path: 'x', text: lines.join('\n') };
        const found = locate({ file: 'x', quote }, new Map([['x', file]]));
        if (found) expect(file.text).toContain(found.quote);
      }),
    );
  });
});
