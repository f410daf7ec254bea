import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkText } from '../../../shared/audit/intake/sourceText.ts';
import { TextStore } from '../../../shared/audit/intake/textStore.ts';

const texts = fc.array(
  fc.oneof(
    fc.string(),
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('', 'a\r\nb\rc', '\ufeffx', 'é©', '€ 🚪', 'a\0b'),
    fc.integer({ min: 0, max: 900_000 }).map((length) => 'ab'.repeat(length)),
    fc.integer({ min: 0, max: 700_000 }).map((length) => 'ß€'.repeat(length)),
    fc.constant('é'.repeat(3_000_000)),
  ),
  { maxLength: 8 },
);

describe('a store of texts', () => {
  it('gives back every text as it was decoded, however many there are', () => {
    fc.assert(
      fc.property(texts, (given) => {
        const store = new TextStore();
        const scratch = Buffer.alloc(8_000_000);
        const kept = given.map((text) => {
          const length = scratch.write(text, 'utf8');
          return store.keep(scratch.subarray(0, length));
        });
        scratch.fill(0);
        store.seal();
        const got = kept.map((one) => (one.ok ? { ok: true, text: one.text() } : one));
        expect(got).toEqual(given.map((text) => checkText(Buffer.from(text, 'utf8').toString('utf8'))));
      }),
      { numRuns: 60 },
    );
  });
});
