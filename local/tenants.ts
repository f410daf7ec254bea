/** `npm run tenants -- import FILE`: stores the tenants of a JSON file in the account `AzureWebJobsStorage` names. */
import { readConfig } from '../shared/config/config.ts';
import { createAzureStores } from '../shared/storage/azure/azureStores.ts';
import { importTenants } from './importTenants.ts';

async function main([verb, file]: string[]): Promise<void> {
  if (verb !== 'import' || !file) throw new Error('usage: npm run tenants -- import FILE');
  const { platform } = readConfig(process.env);
  if (!platform.ok) throw new Error(platform.problems.map((p) => `${p.setting}: ${p.problem}`).join('\n'));
  const { tables } = await createAzureStores(platform.value.storage);
  for (const { tenantId, businessName } of await importTenants(file, tables))
    console.log(`stored ${tenantId}: ${businessName}`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
