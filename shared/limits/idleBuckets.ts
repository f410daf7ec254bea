import type { TableStore } from '../storage/tableStore.ts';
import { bucketTable } from './bucketStore.ts';

/**
 * Deletes buckets that have been full for a window and unused for two, at most `most` in one go: a bucket that is not
 * there is a full one. One that is used again meanwhile stays. Gives how many went.
 */
export async function deleteIdleBuckets(tables: TableStore, now: Date, most: number): Promise<number> {
  let deleted = 0;
  for await (const { partitionKey, rowKey, etag } of tables.listBefore(bucketTable, 'idleAt', now)) {
    if (deleted >= most) break;
    await tables.delete(bucketTable, partitionKey, rowKey, etag);
    deleted++;
  }
  return deleted;
}
