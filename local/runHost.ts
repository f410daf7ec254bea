/**
 * `npm run host -- DIR [--port N] [--function-key K --master-key M] [--ephemeral]`: runs any v4 Functions app folder
 * on the local host, with Azurite unless `AzureWebJobsStorage` names a storage account.
 */
import { resolve } from 'node:path';
import { readCommandLine, runCommand, UsageError } from './commandLine.ts';
import { meansEmulator, root } from './gatehouse.ts';
import type { LogSink } from './host/coreApi.ts';
import { type RunningHost, startHost } from './host/host.ts';
import { readLocalSettings } from './host/settings.ts';
import { parsePort, portInUse } from './ports.ts';
import { onStopSignal } from './stopSignal.ts';
import { startAzurite } from './storage/azurite.ts';

const usage = `usage: npm run host -- DIR [--port N] [--function-key K] [--master-key M] [--ephemeral]

  DIR                a v4 Functions app: host.json, package.json with "main"
  --port N           listen on port N (0: any free one); default PORT or 7071
  --function-key K   ask for this key where a function's authLevel is "function"
  --master-key M     ask for this key on /admin, and accept it everywhere
  --ephemeral        keep the data in memory instead of .local/host`;

const options = {
  port: { type: 'string' },
  'function-key': { type: 'string' },
  'master-key': { type: 'string' },
  ephemeral: { type: 'boolean', default: false },
} as const;

const log: LogSink = ({ level, category, message, functionName }) => {
  if (category === 'system' && /trace|debug|information/.test(level)) return;
  console.log(`[${level}]${functionName ? ` ${functionName}:` : ''} ${message}`);
};

function printFunctions({ routes, triggered, port }: RunningHost, keyed: boolean): void {
  for (const { methods, path } of routes) console.log(`  ${methods.join(',').padEnd(10)} ${path}`);
  for (const { name, trigger } of triggered)
    console.log(`  ${trigger.padEnd(10)} ${name}   run now: POST /admin/functions/${name}`);
  if (!keyed) console.log('No keys are configured: every endpoint is open.');
  console.log(`listening on http://localhost:${port}`);
}

runCommand(async () => {
  const { values, positionals } = readCommandLine(usage, options, true);
  const [given] = positionals;
  if (!given) throw new UsageError(`Say which app to run.\n\n${usage}`);
  const dir = resolve(process.env.INIT_CWD ?? '.', given);
  const port = parsePort(values.port ?? process.env.PORT ?? '7071');
  const own = meansEmulator(process.env.AzureWebJobsStorage ?? readLocalSettings(dir).AzureWebJobsStorage);
  const azurite = own
    ? await startAzurite({ location: values.ephemeral ? undefined : `${root}.local/host`, usualPorts: true })
    : undefined;
  if (azurite) process.env.AzureWebJobsStorage = azurite.connectionString;
  const keys = {
    ...(values['function-key'] ? { functionKey: values['function-key'] } : {}),
    ...(values['master-key'] ? { masterKey: values['master-key'] } : {}),
  };
  const host = await startHost({ dir, port, keys, log }).catch(async (error: unknown) => {
    await azurite?.stop();
    throw portInUse(error, port, `npm run host -- ${given}`);
  });
  onStopSignal(async () => {
    await host.stop();
    await azurite?.stop();
  });
  if (host.failure) console.error('0 functions loaded:', host.failure);
  printFunctions(host, Object.keys(keys).length > 0);
});
