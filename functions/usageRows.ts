import { usageQueue } from '../shared/usage/ledger/ledger.ts';
import { queue } from './register.ts';
import { services } from './services.ts';

/** Queue `usage`: rows of the ledger that the table did not take when they were made. */
queue('usageRows', usageQueue, async (message, log) => {
  const outcome = await (await services.ledger()).apply(message);
  log.info('usage-row', { outcome });
});
