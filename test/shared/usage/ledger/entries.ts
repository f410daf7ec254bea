import type { Usage } from '../../../../shared/usage/ledger/ledger.ts';

/** Every entry is of this day. */
export const ledgerNow = new Date('2026-11-21T12:00:00Z');

/** One of ten is a call's report, which is brought again until it is taken; all of those have even numbers. */
export const isCall = (id: number) => id % 20 < 4 && id % 2 === 0;

/** Amounts are all different, and large, so that a sum tells which of a few entries are in it. */
export function entryOf(id: number): Usage {
  const cost = 1 + (Math.imul(id + 1, 2_654_435_761) >>> 0);
  if (isCall(id))
    return { tenant: `t${id % 3}`, amounts: { voiceCalls: 1, vapiCost: cost }, once: `call-${id}` };
  return { model: `m${id % 3}`, caller: `c${Math.floor(id / 12) % 4}`, amounts: { calls: 1, cost } };
}
