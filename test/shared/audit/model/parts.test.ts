import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CountedFile, cutIntoParts } from '../../../../shared/audit/engines/model/parts.ts';

const counted = (path: string, text: string): CountedFile => ({
  file: { path, text },
  tokens: Math.max(1, Math.ceil(text.length / 4)),
});

const trees = fc
  .uniqueArray(fc.tuple(fc.stringMatching(/^[a-z]{1,6}\/[a-z]{1,6}\.ts$/), fc.string({ maxLength: 400 })), {
    selector: ([path]) => path,
    maxLength: 40,
  })
  .map((list) =>
    list.map(([path, text]) => counted(path, text)).sort((a, b) => (a.file.path < b.file.path ? -1 : 1)),
  );

describe('cutIntoParts', () => {
  it('loses nothing, keeps the order, and fills no part beyond its budget', () => {
    fc.assert(
      fc.property(trees, fc.integer({ min: 10, max: 300 }), (files, budget) => {
        const parts = cutIntoParts(files, budget);
        const texts = new Map<string, string>();
        for (const { files: list } of parts)
          for (const { path, text } of list) texts.set(path, (texts.get(path) ?? '') + text);
        expect([...texts]).toEqual(files.map(({ file }) => [file.path, file.text]));
        for (const { tokens } of parts) expect(tokens).toBeLessThanOrEqual(budget);
      }),
    );
  });

  it('is one part where all fits, and none of nothing', () => {
    expect(cutIntoParts([counted('a.ts', 'x'.repeat(40)), counted('b.ts', 'y'.repeat(40))], 20)).toHaveLength(
      1,
    );
    expect(cutIntoParts([], 20)).toEqual([]);
  });

  it('leaves almost all parts as they were where a file in the middle grows', () => {
    const files = Array.from({ length: 400 }, (_, i) =>
      counted(`src/f${String(i).padStart(3, '0')}.ts`, 'x'.repeat(200)),
    );
    const before = cutIntoParts(files, 1_000).map(({ hash }) => hash);
    const grown = files.with(200, counted('src/f200.ts', 'x'.repeat(1_200)));
    const after = cutIntoParts(grown, 1_000).map(({ hash }) => hash);
    const kept = after.filter((hash) => before.includes(hash));
    expect(before.length).toBeGreaterThan(15);
    expect(after.length - kept.length).toBeLessThanOrEqual(3);
  });

  it('cuts a file that is larger than a part between its lines, and a line that is larger as well', () => {
    const text = `${'short line\n'.repeat(100)}${'z'.repeat(2_000)}\nend\n`;
    const parts = cutIntoParts([counted('a.ts', text)], 100);
    expect(parts.flatMap(({ files }) => files.map((file) => file.text)).join('')).toBe(text);
    const [first] = parts;
    expect(first?.files[0]?.text.endsWith('\n')).toBe(true);
  });

  it('leaves room in the pieces of a file where its tokens stand closer', () => {
    const tokensOf = (text: string) => Math.ceil(text.replaceAll(' ', '').length / 2);
    const text = `${' '.repeat(99)}\n`.repeat(50) + `${'x'.repeat(99)}\n`.repeat(50);
    const parts = cutIntoParts([{ file: { path: 'a.ts', text }, tokens: tokensOf(text) }], 500);
    for (const { files } of parts)
      for (const file of files) expect(tokensOf(file.text)).toBeLessThanOrEqual(500);
  });

  it('ends no part before it is half full', () => {
    const files = Array.from({ length: 200 }, (_, i) => counted(`src/f${i}.ts`, 'x'.repeat(200)));
    for (const { tokens } of cutIntoParts(files, 1_000).slice(0, -1)) expect(tokens).toBeGreaterThan(500);
  });

  it('knows a part by the names of its files as well', () => {
    const hashOf = (path: string) => cutIntoParts([counted(path, 'x')], 20).map(({ hash }) => hash);
    expect(hashOf('a.ts')).not.toEqual(hashOf('b.ts'));
  });
});
