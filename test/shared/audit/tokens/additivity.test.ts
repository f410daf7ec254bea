import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { jsonBaselineEntry, jsonBaselineStart } from '../../../../shared/audit/packing/jsonBaseline.ts';
import { pack, packFile, packPart } from '../../../../shared/audit/packing/separatorFormat.ts';
import type { SourceFile } from '../../../../shared/audit/sourceTree.ts';
import { type Contender, encodings, loadContender } from './reference.ts';
import { fragments } from './texts.ts';

const jsonBaselineParts = (files: readonly SourceFile[]) => [
  jsonBaselineStart,
  ...files.map((file, i) => jsonBaselineEntry(file, i === files.length - 1)),
];

const content = fc.oneof(
  fc.array(fc.constantFrom(...fragments), { maxLength: 20 }).map((all) => all.join('')),
  fc
    .array(fc.constantFrom('#FILE_START# x', '\\#HLD_START#', '/', '// a', '}', '', ' '), { maxLength: 8 })
    .map((all) => all.join('\n')),
  fc.string({ unit: 'binary' }),
);
const tree = fc.uniqueArray(
  fc.record({ path: fc.oneof(fc.constantFrom('a.ts', 'src/b.py', '/x'), content), text: content }),
  {
    selector: ({ path }) => path,
    maxLength: 5,
  },
);

describe.each(encodings)('counts in %s', (encoding) => {
  let contender: Contender;
  beforeAll(async () => {
    contender = await loadContender(encoding);
    return () => contender.reference.free();
  });

  const expectAdditive = (parts: readonly string[], whole: string) => {
    expect(parts.join('')).toBe(whole);
    const sum = parts.reduce((total, part) => total + contender.counter(part), 0);
    expect(sum).toBe(contender.counter(whole));
    expect(sum).toBe(contender.reference.encode_ordinary(whole).length);
  };

  it('of packed files add up to that of them all, whatever their names and contents', () => {
    fc.assert(
      fc.property(tree, (files) => expectAdditive(files.map(packFile), pack(files))),
      { numRuns: 3_000 },
    );
  });

  it('of parts of a prompt add up, too', () => {
    fc.assert(
      fc.property(content, content, content, (file, design, question) => {
        const parts = [
          packPart('FILE', 'a', file),
          packPart('HLD', 'b', design),
          packPart('TASK', '', 'do'),
          packPart('QUESTION', '', question),
        ];
        expectAdditive(parts, parts.join(''));
      }),
      { numRuns: 1_000 },
    );
  });

  it('of entries of the JSON baseline add up to that of JSON.stringify', () => {
    // An object has keys that are integers before all others.
    const entries = tree.filter(
      (files) => files.length > 0 && files.every(({ path }) => !/^\d+$/.test(path)),
    );
    fc.assert(
      fc.property(entries, (files) => {
        const whole = JSON.stringify(
          Object.fromEntries(files.map(({ path, text }) => [path, text])),
          null,
          2,
        );
        expectAdditive(jsonBaselineParts(files), whole);
      }),
      { numRuns: 3_000 },
    );
  });
});
