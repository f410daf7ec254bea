import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { retryAfterOf } from '../../../shared/retryAfter.ts';
import { backoffMs } from '../../../shared/usage/backoff.ts';

const now = Date.parse('2026-11-21T10:00:00Z');
const dayMs = 86_400_000;

describe('backoffMs', () => {
  it.each([
    [1, 500],
    [2, 1_000],
    [3, 2_000],
    [6, 16_000],
    [7, 20_000],
    [10, 20_000],
  ])('try %i waits anything from nothing to %i ms', (attempt, ceiling) => {
    expect(backoffMs(attempt, undefined, () => 0)).toBe(0);
    expect(backoffMs(attempt, undefined, () => 0.5)).toBe(ceiling / 2);
    expect(backoffMs(attempt, undefined, () => 1 - Number.EPSILON)).toBe(ceiling);
  });

  it('jitters on top of what the service asked for', () => {
    expect(backoffMs(1, 1_000, () => 0.5)).toBe(1_250);
    expect(backoffMs(3, 60_000, () => 0.5)).toBe(61_000);
  });

  it('never waits less than the service asked for, and not much more', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.double({ min: 0, max: dayMs, noNaN: true }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, retryAfterMs, random) => {
          const waitMs = backoffMs(attempt, retryAfterMs, () => random);
          expect(Number.isInteger(waitMs)).toBe(true);
          expect(waitMs).toBeGreaterThanOrEqual(retryAfterMs);
          expect(waitMs).toBeLessThanOrEqual(Math.ceil(retryAfterMs + 20_000));
        },
      ),
      { seed: 1 },
    );
  });
});

describe('retryAfterOf', () => {
  it.each<[string, Record<string, string>, number | undefined]>([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['no seconds at all', { 'retry-after': '0' }, 0],
    ['parts of a second', { 'retry-after': '1.5' }, 1_500],
    ['milliseconds', { 'retry-after-ms': '250' }, 250],
    ['milliseconds before seconds', { 'retry-after-ms': '250', 'retry-after': '1' }, 250],
    ['a date', { 'retry-after': 'Sat, 21 Nov 2026 10:00:30 GMT' }, 30_000],
    ['a date in the older form', { 'retry-after': 'Saturday, 21-Nov-26 10:00:30 GMT' }, 30_000],
    ['a date that is over', { 'retry-after': 'Sat, 21 Nov 2026 09:00:00 GMT' }, 0],
    ['more than a day as a day', { 'retry-after': '99999999999' }, dayMs],
    ['a number beyond all dates as a day', { 'retry-after-ms': '1e300' }, dayMs],
    ['a date in the next century as a day', { 'retry-after': 'Fri, 01 Jan 2100 00:00:00 GMT' }, dayMs],
  ])('reads %s', (_, headers, ms) => {
    expect(retryAfterOf(new Headers(headers), now)).toBe(ms);
  });

  it.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['an empty text', { 'retry-after': '', 'retry-after-ms': '' }],
    ['words', { 'retry-after': 'later' }],
    ['words with a number', { 'retry-after': '5 minutes' }],
    ['less than nothing', { 'retry-after': '-5', 'retry-after-ms': '-1' }],
    ['no number', { 'retry-after': 'NaN' }],
    ['infinity', { 'retry-after': 'Infinity', 'retry-after-ms': 'Infinity' }],
  ])('takes %s for no word at all', (_, headers) => {
    expect(retryAfterOf(new Headers(headers), now)).toBeUndefined();
  });

  it('falls back to seconds where the milliseconds make no sense', () => {
    for (const ms of ['', 'soon', '-1'])
      expect(retryAfterOf(new Headers({ 'retry-after-ms': ms, 'retry-after': '3' }), now)).toBe(3_000);
  });

  it('does without headers', () => {
    expect(retryAfterOf(undefined, now)).toBeUndefined();
  });
});
