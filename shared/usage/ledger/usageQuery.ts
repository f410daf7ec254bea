import { AppError } from '../../errors.ts';
import { type Dimension, dimensions } from './statistics.ts';

export interface UsageQuery {
  days: number;
  by: Dimension[];
  isCsv: boolean;
}

const defaultDays = 7;

/**
 * `days` (1 up to what is kept), `by` (dimensions, separated by commas) and `format` (`json` or `csv`, else by `Accept`).
 * @throws AppError `invalid-request` that says what is allowed.
 */
export function readUsageQuery(query: URLSearchParams, accept: string | null, mostDays: number): UsageQuery {
  const days = Number(query.get('days') ?? Math.min(defaultDays, mostDays));
  if (!Number.isInteger(days) || days < 1 || days > mostDays)
    throw new AppError(
      'invalid-request',
      `"days" must be a whole number from 1 to ${mostDays}: usage is kept so long.`,
    );
  const by = (query.get('by') ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean);
  if (!by.every(isDimension))
    throw new AppError('invalid-request', `"by" must name ${dimensions.join(', ')}, separated by commas.`);
  const format = query.get('format') ?? (/text\/csv/i.test(accept ?? '') ? 'csv' : 'json');
  if (format !== 'csv' && format !== 'json')
    throw new AppError('invalid-request', '"format" must be json or csv.');
  return { days, by: [...new Set(by)], isCsv: format === 'csv' };
}

function isDimension(name: string): name is Dimension {
  return dimensions.some((dimension) => dimension === name);
}
