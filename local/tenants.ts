/**
 * `npm run tenants -- import FILE`: stores the tenants of a JSON file, all or none, in the account that
 * `AzureWebJobsStorage` names, or in the storage of a running `npm start`.
 */
import { resolve } from 'node:path';
import { readCommandLine, runCommand, UsageError } from './commandLine.ts';
import { localStorageSettings, openStores } from './gatehouse.ts';
import { importTenants } from './importTenants.ts';

const usage = 'usage: npm run tenants -- import FILE';

runCommand(async () => {
  const [verb, file] = readCommandLine(usage, {}, true).positionals;
  if (verb !== 'import' || !file) throw new UsageError(usage);
  const { tables } = await openStores(localStorageSettings());
  for (const { tenantId, businessName } of await importTenants(
    resolve(process.env.INIT_CWD ?? '.', file),
    tables,
  )) {
    console.log(`stored ${tenantId}: ${businessName}`);
  }
});
