/**
 * `npm run mcp-keys -- create [TENANT] [--label L] [--records] [--audits]`: makes a key for `POST /api/mcp` and prints it,
 * once. `list [TENANT]` shows the keys there are, `revoke ID` ends one. They are kept in the account that
 * `AzureWebJobsStorage` names, or in the storage of a running `npm start`.
 */
import { type KeyRow, KeyStore } from '../shared/mcp/keys/keyStore.ts';
import type { Scope } from '../shared/mcp/keys/mcpKey.ts';
import { TenantStore } from '../shared/voice/tenants/tenantStore.ts';
import { readCommandLine, runCommand, UsageError } from './commandLine.ts';
import { localStorageSettings, openStores } from './gatehouse.ts';

const usage = `usage: npm run mcp-keys -- create [TENANT] [--label L] [--records] [--audits]
       npm run mcp-keys -- list [TENANT]
       npm run mcp-keys -- revoke ID

  --label L   whom the key is for, to tell it from others
  --records   the key may read the tenant's leads and calls: personal data
  --audits    the key may audit source against its design; without TENANT that is all it may`;

interface Options {
  label?: string | undefined;
  records: boolean;
  audits: boolean;
}

const verbs: Readonly<Record<string, (given: string | undefined, options: Options) => Promise<void>>> = {
  async create(tenantId, { label, records, audits }) {
    if (tenantId === undefined && (records || !audits)) throw new UsageError(usage);
    const { tables } = await openStores(localStorageSettings());
    if (tenantId !== undefined && !(await new TenantStore(tables).get(tenantId)))
      throw new Error(`There is no tenant "${tenantId}".`);
    const scopes: Scope[] = [...(records ? ['records' as const] : []), ...(audits ? ['audit' as const] : [])];
    const { keyId, text } = await new KeyStore(tables).create({ tenantId, label, scopes }, new Date());
    console.log(`key ${keyId} for ${tenantId ?? 'audits'}; it is shown this once:\n${text}`);
  },
  async list(tenantId) {
    const rows = await Array.fromAsync((await keys()).list());
    const shown = rows
      .filter((row) => tenantId === undefined || row.tenantId === tenantId)
      .sort((a, b) => (a.createdAt < b.createdAt ? -1 : 1));
    for (const row of shown) console.log(lineOf(row));
  },
  async revoke(keyId) {
    if (keyId === undefined) throw new UsageError(usage);
    if (!(await (await keys()).revoke(keyId, new Date()))) throw new Error(`There is no key "${keyId}".`);
    console.log(`revoked ${keyId}; it lets nobody in from half a minute on`);
  },
};

const keys = async () => new KeyStore((await openStores(localStorageSettings())).tables);

function lineOf({ partitionKey, tenantId, label, scopes, createdAt, revokedAt, lastUsedDay }: KeyRow) {
  const state = revokedAt === undefined ? `used ${lastUsedDay ?? 'never'}` : `revoked ${revokedAt}`;
  return [partitionKey, tenantId ?? '-', scopes || '-', `made ${createdAt}`, state, label ?? '']
    .join('  ')
    .trim();
}

runCommand(async () => {
  const { values, positionals } = readCommandLine(
    usage,
    {
      label: { type: 'string' },
      records: { type: 'boolean', default: false },
      audits: { type: 'boolean', default: false },
    },
    true,
  );
  const [verb = '', given, ...more] = positionals;
  const run = Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  if (!run || more.length > 0) throw new UsageError(usage);
  await run(given, values);
});
