/**
 * `npm run host -- DIR [--port N] [--function-key K --master-key M] [--ephemeral]`: runs any v4 Functions app folder
 * on the local host, with Azurite unless `AzureWebJobsStorage` names a storage account.
 */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { LogSink } from './host/coreApi.ts';
import { startHost } from './host/host.ts';
import { readLocalSettings } from './host/settings.ts';
import { parsePort, portInUse } from './ports.ts';
import { onStopSignal } from './stopSignal.ts';
import { startAzurite } from './storage/azurite.ts';

const log: LogSink = ({ level, category, message, functionName }) => {
  if (category === 'system' && /trace|debug|information/.test(level)) return;
  console.log(`[${level}]${functionName ? ` ${functionName}:` : ''} ${message}`);
};

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      port: { type: 'string' },
      'function-key': { type: 'string' },
      'master-key': { type: 'string' },
      ephemeral: { type: 'boolean', default: false },
    },
  });
  const [given] = positionals;
  if (!given)
    throw new Error('say which app to run: npm run host -- DIR [--port N] [--function-key K --master-key M]');
  const dir = resolve(process.env.INIT_CWD ?? '.', given);
  const port = parsePort(values.port ?? process.env.PORT ?? '7071');
  const storage = process.env.AzureWebJobsStorage ?? readLocalSettings(dir).AzureWebJobsStorage;
  const own = !storage || storage === 'UseDevelopmentStorage=true';
  const azurite = own
    ? await startAzurite({ location: values.ephemeral ? undefined : '.local/storage', usualPorts: true })
    : undefined;
  if (azurite) process.env.AzureWebJobsStorage = azurite.connectionString;
  const keys = {
    ...(values['function-key'] ? { functionKey: values['function-key'] } : {}),
    ...(values['master-key'] ? { masterKey: values['master-key'] } : {}),
  };
  const host = await startHost({ dir, port, keys, log }).catch(async (error: unknown) => {
    await azurite?.stop();
    throw portInUse(error, port);
  });
  if (host.failure) console.error('0 functions loaded:', host.failure);
  onStopSignal(async () => {
    await host.stop();
    await azurite?.stop();
  });
  for (const route of host.routes) console.log(`${route.methods.join(',').padEnd(10)} /${route.route}`);
  console.log(`listening on http://localhost:${host.port}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
