import { deleteBefore } from '../../storage/deleteBefore.ts';
import type { TableStore } from '../../storage/tableStore.ts';
import { usageTable } from './usageRow.ts';

const dayMs = 86_400_000;

/** Deletes usage of all but the last `days` UTC days, today's included, at most `most` rows in one go. Gives how many went. */
export function deleteOldUsage(tables: TableStore, now: Date, days: number, most: number): Promise<number> {
  const today = Date.parse(now.toISOString().slice(0, 10));
  const before = new Date(today - (days - 1) * dayMs);
  return deleteBefore(tables, usageTable, 'dayStart', before, most);
}
