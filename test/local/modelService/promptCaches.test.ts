import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BreakpointCache,
  type BreakpointCacheRequest,
  breakpoints,
} from '../../../local/modelService/breakpointCache.ts';
import { cacheableEnds, PrefixCache } from '../../../local/modelService/prefixCache.ts';
import { prefixHashes } from '../../../local/modelService/prefixHashes.ts';

const minute = 60_000;
/** A prompt of `length` tokens that differs from the plain one from token `from` on. */
const prompt = (length: number, from = length) =>
  Int32Array.from({ length }, (_, i) => (i < from ? i : -i - 1));
const shared = (a: Int32Array, b: Int32Array) => {
  const at = a.findIndex((token, i) => token !== b[i]);
  return at < 0 ? Math.min(a.length, b.length) : at;
};

describe('prefixHashes', () => {
  it('are equal exactly where the prefixes are', () => {
    const tokens = fc.array(fc.integer({ min: -5, max: 3 }), { maxLength: 40 });
    fc.assert(
      fc.property(tokens, tokens, (a, b) => {
        const ends = Array.from({ length: Math.min(a.length, b.length) + 1 }, (_, i) => i);
        const [one, two] = [prefixHashes(Int32Array.from(a), ends), prefixHashes(Int32Array.from(b), ends)];
        const same = shared(Int32Array.from(a), Int32Array.from(b));
        expect(ends.map((end) => one[end] === two[end])).toEqual(ends.map((end) => end <= same));
      }),
    );
  });
});

describe('the prompt cache before GPT-5.6', () => {
  const ask = { key: undefined, extended: false, now: 0 };

  it.each([
    [1_023, 0],
    [1_024, 1_024],
    [1_151, 1_024],
    [1_152, 1_152],
    [10_000, 9_984],
  ])('of %i tokens asked twice it reads %i', (length, cached) => {
    const cache = new PrefixCache();
    expect(cache.use({ ...ask, tokens: prompt(length) })).toEqual({ cached: 0, written: 0 });
    expect(cache.use({ ...ask, tokens: prompt(length) })).toEqual({ cached, written: 0 });
  });

  it.each<[string, number, number]>([
    ['within 5 minutes of the last use', 5 * minute - 1, 1_920],
    ['5 minutes after the last use', 5 * minute, 0],
  ])('lives %s', (_, now, cached) => {
    const cache = new PrefixCache();
    cache.use({ ...ask, tokens: prompt(2_000) });
    expect(cache.use({ ...ask, tokens: prompt(2_000), now }).cached).toBe(cached);
  });

  it('lives an hour at most however often it is used, and 24 hours from the last use where asked for', () => {
    const [plain, extended] = [new PrefixCache(), new PrefixCache()];
    const reads = Array.from({ length: 16 }, (_, i) => i * 4 * minute).map((now) => [
      plain.use({ ...ask, tokens: prompt(2_000), now }).cached,
      extended.use({ ...ask, extended: true, tokens: prompt(2_000), now }).cached,
    ]);
    expect(reads.map(([cached]) => cached)).toEqual([0, ...Array(14).fill(1_920), 0]);
    expect(reads.map(([, cached]) => cached)).toEqual([0, ...Array(15).fill(1_920)]);
    const later = { ...ask, tokens: prompt(2_000), now: 24 * 60 * minute + 59 * minute };
    expect(extended.use(later).cached).toBe(1_920);
    expect(extended.use({ ...later, now: later.now + 24 * 60 * minute }).cached).toBe(0);
  });

  it('is not shared between keys, and overflows to another machine at 15 requests a minute', () => {
    const cache = new PrefixCache();
    const reads = (key: string | undefined, count: number) =>
      Array.from({ length: count }, () => cache.use({ ...ask, key, tokens: prompt(1_024) }).cached);
    expect(reads('a', 17)).toEqual([0, ...Array(14).fill(1_024), 0, 1_024]);
    expect(reads('b', 2)).toEqual([0, 1_024]);
    expect(reads(undefined, 2)).toEqual([0, 1_024]);
  });

  it('reads the longest common prefix, rounded down to a step, and never more than that', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 6_000 }),
        fc.integer({ min: 256, max: 6_000 }),
        (length, from) => {
          const cache = new PrefixCache();
          const first = prompt(5_000);
          cache.use({ ...ask, tokens: first });
          const next = prompt(length, from);
          const expected = cacheableEnds(Math.min(shared(first, next), length)).at(-1) ?? 0;
          expect(cache.use({ ...ask, tokens: next }).cached).toBe(expected);
        },
      ),
    );
  });
});

describe('the prompt cache since GPT-5.6', () => {
  const ask: BreakpointCacheRequest = {
    tokens: prompt(6_000),
    explicit: [],
    implicit: 5_997,
    mode: 'implicit',
    ttlMs: 30 * minute,
    scope: '',
    now: 0,
  };
  const uses = (...requests: Partial<BreakpointCacheRequest>[]) => {
    const cache = new BreakpointCache();
    return requests.map((request) => {
      const { cached, written } = cache.use({ ...ask, ...request });
      return [cached, written];
    });
  };
  /** The same first 5,000 tokens with another end. */
  const other = prompt(6_000, 5_000);

  it.each<[string, Partial<BreakpointCacheRequest>[], number[][]]>([
    [
      'writes everything up to the latest message and reads it again',
      [{}, {}],
      [
        [0, 5_997],
        [5_997, 0],
      ],
    ],
    [
      'reads nothing where only the end differs and nothing was marked',
      [{}, { tokens: other }],
      [
        [0, 5_997],
        [0, 5_997],
      ],
    ],
    [
      'reads up to a mark and writes the rest again in implicit mode',
      [{ explicit: [5_000] }, { explicit: [5_000], tokens: other }],
      [
        [0, 5_997],
        [5_000, 997],
      ],
    ],
    [
      'reads up to a mark and writes nothing in explicit mode',
      [
        { explicit: [5_000], mode: 'explicit' },
        { explicit: [5_000], mode: 'explicit', tokens: other },
      ],
      [
        [0, 5_000],
        [5_000, 0],
      ],
    ],
    [
      'does nothing in explicit mode without a mark',
      [{ mode: 'explicit' }, { mode: 'explicit' }],
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [
      'finds no mark that the later request does not repeat',
      [{ explicit: [5_000], mode: 'explicit' }, { tokens: other }],
      [
        [0, 5_000],
        [0, 5_997],
      ],
    ],
    [
      'does not round',
      [
        { explicit: [1_111], mode: 'explicit' },
        { explicit: [1_111], mode: 'explicit' },
      ],
      [
        [0, 1_111],
        [1_111, 0],
      ],
    ],
    [
      'takes no prefix below 1,024 tokens',
      [
        { explicit: [1_023], mode: 'explicit' },
        { explicit: [1_023], mode: 'explicit' },
      ],
      [
        [0, 0],
        [0, 0],
      ],
    ],
    [
      'lives until its time is over, used or not',
      [{}, { now: 20 * minute }, { now: 30 * minute - 1 }, { now: 30 * minute }],
      [
        [0, 5_997],
        [5_997, 0],
        [5_997, 0],
        [0, 5_997],
      ],
    ],
    [
      'lives 12 hours where asked for',
      [{ ttlMs: 720 * minute }, { now: 719 * minute }],
      [
        [0, 5_997],
        [5_997, 0],
      ],
    ],
    [
      'is not shared between scopes',
      [{ scope: 'a' }, { scope: 'b' }],
      [
        [0, 5_997],
        [0, 5_997],
      ],
    ],
  ])('%s', (_, requests, expected) => {
    expect(uses(...requests)).toEqual(expected);
  });

  it('writes the latest four marks, or three and the implicit one, and reads the latest 80', () => {
    const marks = Array.from({ length: 100 }, (_, i) => 2_000 + i * 10);
    expect(breakpoints({ explicit: marks, implicit: 5_997, mode: 'explicit' })).toEqual({
      readable: marks.slice(-80),
      writable: marks.slice(-4),
    });
    expect(breakpoints({ explicit: marks, implicit: 5_997, mode: 'implicit' })).toEqual({
      readable: [...marks.slice(-79), 5_997],
      writable: [...marks.slice(-3), 5_997],
    });
  });

  it('never reads and writes more than the prompt, and reads only what an equal prefix was written at', () => {
    const request = fc.record({
      from: fc.integer({ min: 0, max: 4_000 }),
      explicit: fc
        .uniqueArray(fc.integer({ min: 1, max: 4_000 }), { maxLength: 8 })
        .map((ends) => ends.sort((a, b) => a - b)),
      mode: fc.constantFrom('implicit' as const, 'explicit' as const),
    });
    fc.assert(
      fc.property(fc.array(request, { maxLength: 12 }), (requests) => {
        const cache = new BreakpointCache();
        const written: Int32Array[] = [];
        for (const { from, explicit, mode } of requests) {
          const tokens = prompt(4_000, from);
          const marks = { explicit, implicit: 3_997, mode };
          const use = cache.use({ ...ask, ...marks, tokens });
          expect(use.cached + use.written).toBeLessThanOrEqual(4_000);
          const known = breakpoints(marks).readable.filter((end) =>
            written.some((prefix) => prefix.length === end && shared(prefix, tokens) === end),
          );
          expect(use.cached).toBe(known.at(-1) ?? 0);
          for (const end of breakpoints(marks).writable) written.push(tokens.slice(0, end));
        }
      }),
    );
  });
});
