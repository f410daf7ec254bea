import { compareCalls } from './compareCalls.ts';
import { compareDeliveries } from './compareDeliveries.ts';
import { compareWishes } from './compareWishes.ts';
import type { Differences } from './differences.ts';
import type { Expected } from './expected.ts';
import type { Seen } from './seen.ts';

/** Holds what a tenant's records and its own system say to what was expected. */
export function compareTenant(expected: Expected, seen: Seen, differences: Differences): void {
  compareCalls(expected, seen.told.calls, differences);
  const ids = compareWishes(expected, seen, differences);
  compareDeliveries(expected, seen, ids, differences);
}
