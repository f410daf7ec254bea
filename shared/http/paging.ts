import { AppError } from '../errors.ts';

/** Entries on the longest page. */
export const mostEntries = 1_000;
const usual = 50;

/** How many entries a page has, from 1 to {@link mostEntries}. @throws AppError `invalid-request`. */
export function checkLimit(limit: number): number {
  if (Number.isInteger(limit) && limit >= 1 && limit <= mostEntries) return limit;
  throw new AppError('invalid-request', `limit must be a whole number from 1 to ${mostEntries}.`);
}

/** `limit` of a query. @throws AppError as {@link checkLimit}. */
export function readLimit(query: URLSearchParams): number {
  const text = query.get('limit');
  if (text === null) return usual;
  return checkLimit(/^\d{1,4}$/.test(text) ? Number(text) : Number.NaN);
}
