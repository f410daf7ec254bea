import { AppError } from '../errors.ts';

const most = 1_000;
const usual = 50;

/** `limit` of a query: how many entries a page has. @throws AppError `invalid-request`. */
export function readLimit(query: URLSearchParams): number {
  const text = query.get('limit');
  if (text === null) return usual;
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit < 1 || limit > most) throw new AppError('invalid-request', `limit must be from 1 to ${most}.`);
  return limit;
}
