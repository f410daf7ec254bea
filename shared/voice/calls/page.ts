import { AppError } from '../../errors.ts';
import { checkLimit, mostEntries } from '../../http/paging.ts';
import type { Entity, StoredEntity, TableStore } from '../../storage/tableStore.ts';
import { keysBetween, timePrefix } from './timeKey.ts';

/** Which part of a list to give. */
export interface PageQuery {
  /** From this time on. */
  from?: Date | undefined;
  /** Before this time. */
  to?: Date | undefined;
  /** Rows on a page, 1 to {@link mostEntries}. */
  limit: number;
  /** Where the page before ended. */
  cursor?: string | undefined;
}

export interface Page<T> {
  items: T[];
  /** Where the next page begins; absent at the end. A page can hold fewer than asked for, or none, and have one. */
  cursor?: string;
}

/** Rows looked at for one page; a filter that few of them pass is continued with the next page. */
const mostSeen = 5_000;

/**
 * A page of the rows of a partition that are keyed by time, latest first. What is added meanwhile moves nothing: a
 * cursor stands for a row key.
 * @throws AppError `invalid-request` for a limit or cursor that is none.
 */
export async function readPage<T extends Entity>(
  tables: TableStore,
  table: string,
  partition: string,
  query: PageQuery,
  isAsked: (row: T) => boolean,
): Promise<Page<StoredEntity<T>>> {
  const { cursor } = query;
  const limit = checkLimit(query.limit);
  const after = cursor === undefined ? undefined : readCursor(cursor);
  const { from = '', to } = keysBetween(query.from, query.to);
  const range = {
    from: after !== undefined && after > from ? after : from,
    to,
    atOnce: Math.min(limit + 2, mostEntries),
  };
  const items: StoredEntity<T>[] = [];
  let last: string | undefined;
  let seen = 0;
  for await (const row of tables.list<T>(table, partition, timePrefix, range)) {
    if (row.rowKey === after) continue;
    if (last !== undefined && (items.length === limit || seen >= mostSeen))
      return { items, cursor: toCursor(last) };
    last = row.rowKey;
    seen++;
    if (isAsked(row)) items.push(row);
  }
  return { items };
}

function toCursor(rowKey: string): string {
  return Buffer.from(rowKey).toString('base64url');
}

function readCursor(cursor: string): string {
  const rowKey = Buffer.from(cursor.slice(0, 1_000), 'base64url').toString();
  if (toCursor(rowKey) !== cursor || !/^t\|\d{13}\|[\w.:+@=~ -]{1,200}$/.test(rowKey))
    throw new AppError('invalid-request', '"cursor" must be one that a page before has given.');
  return rowKey;
}
