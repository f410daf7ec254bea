import { deleteBefore } from '../storage/deleteBefore.ts';
import type { TableStore } from '../storage/tableStore.ts';
import { bucketTable } from './bucketStore.ts';

/**
 * Deletes buckets that have been full for a window and unused for two, at most `most` in one go: a bucket that is not
 * there is a full one. One that is used again meanwhile stays. Gives how many went.
 */
export function deleteIdleBuckets(tables: TableStore, now: Date, most: number): Promise<number> {
  return deleteBefore(tables, bucketTable, 'idleAt', now, most);
}
