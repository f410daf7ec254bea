import { Readable } from 'node:stream';
import { toCsv } from '../shared/http/csv.ts';
import { usageStatistics, usageTableOf } from '../shared/usage/ledger/statistics.ts';
import { readUsageQuery } from '../shared/usage/ledger/usageQuery.ts';
import { http } from './register.ts';
import { required, services } from './services.ts';

/** `GET /api/usage?days=7&by=model,tenant`: what was used and what it cost, as JSON or CSV. */
http('usage', { methods: ['GET'], authLevel: 'function', route: 'usage' }, async (request) => {
  const { retentionDays } = required(services.settings.usage);
  const { days, by, isCsv } = readUsageQuery(request.query, request.headers.get('accept'), retentionDays);
  const { tables } = await services.stores();
  const statistics = await usageStatistics(tables, new Date(), days, by);
  if (!isCsv) return { status: 200, jsonBody: statistics };
  const { rows, columns } = usageTableOf(statistics);
  return {
    status: 200,
    headers: { 'content-type': 'text/csv; charset=utf-8' },
    body: Readable.from(toCsv(rows, columns)),
  };
});
