import { deleteIdleBuckets } from '../shared/limits/idleBuckets.ts';
import { deleteOldUsage } from '../shared/usage/ledger/retention.ts';
import { timer } from './register.ts';
import { required, services } from './services.ts';

/** Rows deleted in one run; what is left goes in the next. */
const most = 20_000;

/** Every hour: idle buckets go, and usage older than it is kept. */
timer('cleanUp', '0 17 * * * *', async (log) => {
  const { tables } = await services.stores();
  const now = new Date();
  const { retentionDays } = required(services.settings.usage);
  const buckets = await deleteIdleBuckets(tables, now, most);
  const usageRows = await deleteOldUsage(tables, now, retentionDays, most);
  log.info('clean-up', { buckets, usageRows });
});
