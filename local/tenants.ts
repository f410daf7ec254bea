/**
 * `npm run tenants -- import|export|check FILE`: stores the tenants of a JSON file, all or none, in the account that
 * `AzureWebJobsStorage` names, or in the storage of a running `npm start`; writes them; or only checks a file. `token ID` prints a token for
 * the server URL of a tenant.
 */

import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { signPathToken } from '../shared/voice/credentials/pathToken.ts';
import { readVoice } from '../shared/voice/settings.ts';
import type { Tenant } from '../shared/voice/tenants/tenant.ts';
import { TenantStore } from '../shared/voice/tenants/tenantStore.ts';
import { readCommandLine, runCommand, UsageError } from './commandLine.ts';
import { localStorageSettings, openStores } from './gatehouse.ts';
import { importTenants, readTenants } from './importTenants.ts';

const usage = `usage: npm run tenants -- import FILE [--force]
       npm run tenants -- export FILE
       npm run tenants -- check FILE [--force]
       npm run tenants -- token ID

  --force   take models, voices and languages that Vapi's lists do not have`;

const fileOf = (given: string) => resolve(process.env.INIT_CWD ?? '.', given);

const verbs: Readonly<Record<string, (given: string, isForced: boolean) => void | Promise<void>>> = {
  async import(file, isForced) {
    const { tables } = await openStores(localStorageSettings());
    for (const { tenantId, businessName } of await importTenants(fileOf(file), tables, isForced))
      console.log(`stored ${tenantId}: ${businessName}`);
  },
  async export(file) {
    const store = new TenantStore((await openStores(localStorageSettings())).tables);
    const tenants: Tenant[] = [];
    for await (const { rowKey } of store.list(undefined, 200)) {
      const tenant = await store.get(rowKey);
      if (tenant) tenants.push(tenant);
    }
    writeFileSync(fileOf(file), `${JSON.stringify(tenants, null, 2)}\n`, { mode: 0o600 });
    console.log(`wrote ${tenants.length} tenants, secrets of deliveries included`);
  },
  check(file, isForced) {
    for (const { tenantId, businessName } of readTenants(fileOf(file), isForced))
      console.log(`valid ${tenantId}: ${businessName}`);
  },
  token(tenantId) {
    const [key] = tokenKeys();
    if (!key) throw new Error('Set GATEHOUSE_WEBHOOK_TOKEN_KEYS to a key of at least 32 characters first.');
    console.log(`/api/vapi/webhook/${signPathToken(tenantId, key)}`);
  },
};

/** The keys alone: whether the webhook has a credential does not matter here. */
function tokenKeys(): readonly string[] {
  const keys = process.env.GATEHOUSE_WEBHOOK_TOKEN_KEYS ?? '';
  const read = readVoice({ GATEHOUSE_WEBHOOK_TOKEN_KEYS: keys, GATEHOUSE_ALLOW_UNAUTHENTICATED: 'true' });
  if (!read.ok)
    throw new Error(read.problems.map(({ setting, problem }) => `${setting} ${problem}`).join('\n'));
  return read.value.tokenKeys;
}

runCommand(async () => {
  const { values, positionals } = readCommandLine(
    usage,
    { force: { type: 'boolean', default: false } },
    true,
  );
  const [verb = '', given] = positionals;
  const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (!run || !given) throw new UsageError(usage);
  await run(given, values.force);
});
