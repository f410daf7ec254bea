import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCsv } from '../../../shared/http/csv.ts';

const csvOf = async (rows: readonly Record<string, unknown>[], columns: readonly string[]) =>
  (await Array.fromAsync(toCsv(rows, columns))).join('');

/** A reader of RFC 4180, by its grammar. */
function parse(text: string): string[][] {
  const cells = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)];
  const rows: string[][] = [[]];
  for (const [, quoted, plain = '', end] of cells) {
    rows.at(-1)?.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe('toCsv', () => {
  it('gives a header and a line for each row, all ended by CRLF', async () => {
    const rows = [
      { a: 'x', b: 1, c: 2n },
      { a: 'y, "z"', d: 'not asked for' },
      { a: 'two\nlines', b: -1.5 },
    ];
    expect(await csvOf(rows, ['a', 'b', 'c'])).toBe(
      'a,b,c\r\nx,1,2\r\n"y, ""z""",,\r\n"two\nlines",-1.5,\r\n',
    );
    expect(await csvOf([], ['a'])).toBe('a\r\n');
  });

  it.each([
    '=1+1',
    '+61491570156',
    '-1',
    '@SUM(A1)',
    '\tx',
    '\rx',
    '\n=1',
    '=\n1+1',
    '=cmd|"/c calc"!A1',
    '\uff1d1',
    '\uff0b1',
    '\uff0d1',
    '\uff20A1',
  ])('puts an apostrophe before %j, which a spreadsheet would calculate', async (text) => {
    expect(parse(await csvOf([{ a: text }], ['a']))[1]).toEqual([`'${text}`]);
  });

  it('leaves a sign that stands alone, as the dash for none', async () => {
    expect(await csvOf([{ a: '-', b: '=' }], ['a', 'b'])).toBe('a,b\r\n-,=\r\n');
  });

  it('is read back as it was, whatever it holds', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.string())), async (pairs) => {
        const read = parse(
          await csvOf(
            pairs.map(([a, b]) => ({ a, b })),
            ['a', 'b'],
          ),
        ).slice(1);
        const isFormula = (text: string) => '=+-@\t\r\n＝＋－＠'.includes(text.charAt(0)) && text.length > 1;
        const told = (text: string) => (isFormula(text) ? `'${text}` : text);
        expect(read).toEqual(pairs.map((pair) => pair.map(told)));
      }),
    );
  });

  it('holds one row at a time', async () => {
    let given = 0;
    async function* endless() {
      for (;;) yield { n: ++given };
    }
    const lines = toCsv(endless(), ['n'])[Symbol.asyncIterator]();
    for (let i = 0; i < 4; i++) await lines.next();
    expect(given).toBe(3);
    await lines.return?.();
  });
});
