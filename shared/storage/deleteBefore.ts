import type { TableStore } from './tableStore.ts';

/**
 * Deletes rows of a table whose time `property` lies before `before`, at most `most` in one go; a row that is written to
 * meanwhile stays. Gives how many went.
 */
export async function deleteBefore(
  tables: TableStore,
  table: string,
  property: string,
  before: Date,
  most: number,
): Promise<number> {
  let deleted = 0;
  for await (const { partitionKey, rowKey, etag } of tables.listBefore(table, property, before)) {
    if (deleted >= most) break;
    await tables.delete(table, partitionKey, rowKey, etag);
    deleted++;
  }
  return deleted;
}
