import { deleteOldDeliveries, requeueOverdue } from '../shared/deliveries/upkeep.ts';
import { deleteIdleBuckets } from '../shared/limits/idleBuckets.ts';
import { forgetJournals } from '../shared/tools/live/journal.ts';
import { deleteOldUsage } from '../shared/usage/ledger/retention.ts';
import { tidyInbox } from '../shared/voice/calls/inboxUpkeep.ts';
import { eraseOldRecords } from '../shared/voice/calls/retention.ts';
import { timer } from './register.ts';
import { required, services } from './services.ts';

/** Rows deleted in one run; what is left goes in the next. */
const most = 20_000;
/** A message is repeated within minutes; one signed longer ago is not taken anyway. */
const answerDays = 2;
/** A delivery is tried for a day and a half; the rest of the time is for whoever looks into dead ones. */
const deliveryDays = 14;

/** Who published what, and what was refused, is kept for a year. */
const journalDays = 365;

/** Every hour: idle buckets go, and usage older than it is kept. */
timer('cleanUp', '0 17 * * * *', async (log) => {
  const { tables } = await services.stores();
  const now = new Date();
  const { retentionDays } = required(services.settings.usage);
  const buckets = await deleteIdleBuckets(tables, now, most);
  const usageRows = await deleteOldUsage(tables, now, retentionDays, most);
  log.info('clean-up', { buckets, usageRows });
});

/** Every hour: calls and leads go when their tenant keeps them no longer. */
timer('retention', '0 37 * * * *', async (log) => {
  const { tenants, erasure, answered } = await services.records();
  const { retentionDays } = required(services.settings.voice);
  const now = new Date();
  const erased = await eraseOldRecords(tenants, erasure, retentionDays, now, log);
  const answers = await answered.forget(answerDays, now, most);
  log.info('retention', { ...erased, answers });
});

/** Every day: reports that were stored and not processed are queued again. */
timer('inboxUpkeep', '0 47 3 * * *', async (log) => {
  const { retentionDays } = required(services.settings.voice);
  const done = await tidyInbox(await services.stores(), new Date(), retentionDays, most);
  if (done.requeued + done.deleted > 0) log.warn('inbox-upkeep', done);
});

/** Every hour: what is kept so that tools with effects run once goes, and what was told of tools long ago. */
timer('toolUpkeep', '0 57 * * * *', async (log) => {
  const { once, instances } = await services.tools();
  const stores = await services.stores();
  const before = (days: number) => new Date(Date.now() - days * 86_400_000);
  const runs = await once.forget(before(answerDays), most);
  const gone = await instances.forget(before(1));
  const journals = await forgetJournals(stores.blobs, before(journalDays));
  log.info('tool-upkeep', { runs, instances: gone, journals });
});

/** Every quarter of an hour: deliveries whose ticket was lost are taken up again, and old ones go. */
timer('deliveryUpkeep', '0 */15 * * * *', async (log) => {
  const { stores, now } = await services.deliveries();
  const requeued = await requeueOverdue(stores, now(), most);
  const deleted = await deleteOldDeliveries(stores, now(), deliveryDays, most);
  log.info('delivery-upkeep', { requeued, deleted });
});
