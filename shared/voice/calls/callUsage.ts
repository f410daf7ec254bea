import { toMicroUsd } from '../../usage/ledger/counters.ts';
import type { ReportFacts } from '../messages/endOfCallReport.ts';
import type { CallRow } from './callRow.ts';

/** What was counted, or is to be, for a finished call: the same at every delivery of its report. */
export interface CallUsage {
  /** UTC day. */
  day: string;
  ms: number;
  microUsd: number;
  /** For whom it was counted before the tenant was known. */
  countedFor: string | undefined;
}

type UsageColumns = Pick<CallRow, 'usageDay' | 'usageMs' | 'usageMicroUsd' | 'usageFrom'>;

/** Usage by the first report of a call; without a time of its end, on the day it came. */
export function toUsage(
  { endedAt, durationSeconds, costUsd }: ReportFacts,
  receivedAt: string,
  countedFor?: string,
): CallUsage {
  return {
    day: (endedAt ?? receivedAt).slice(0, 10),
    ms: Math.round((durationSeconds ?? 0) * 1000),
    microUsd: toMicroUsd(costUsd ?? 0),
    countedFor,
  };
}

export function toUsageColumns({ day, ms, microUsd, countedFor }: CallUsage): UsageColumns {
  return {
    usageDay: day,
    usageMs: BigInt(ms),
    usageMicroUsd: BigInt(microUsd),
    ...(countedFor === undefined ? {} : { usageFrom: countedFor }),
  };
}

/** Usage as a row has it; undefined before a report came. */
export function usageOf(row: UsageColumns | undefined): CallUsage | undefined {
  if (row?.usageDay === undefined) return undefined;
  const { usageDay, usageMs = 0n, usageMicroUsd = 0n, usageFrom } = row;
  return { day: usageDay, ms: Number(usageMs), microUsd: Number(usageMicroUsd), countedFor: usageFrom };
}
