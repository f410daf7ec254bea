import { existsSync, globSync, readFileSync, statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from '../build.ts';
import { readConfig } from '../shared/config/config.ts';
import { createAzureStores } from '../shared/storage/azure/azureStores.ts';
import type { Stores } from '../shared/storage/stores.ts';
import type { LogSink } from './host/coreApi.ts';
import { type RunningHost, startHost } from './host/host.ts';
import type { Settings } from './host/settings.ts';
import { importTenants } from './importTenants.ts';
import { type Azurite, startAzurite } from './storage/azurite.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const sampleTenants = `${root}local/sample/tenants.json`;

export interface LocalOptions {
  port: number;
  /** Keeps the data in memory instead of `.local/`. */
  ephemeral: boolean;
  log: LogSink;
}

export interface LocalGatehouse {
  host: RunningHost;
  /** Undefined where `AzureWebJobsStorage` names an account of its own. */
  azurite: Azurite | undefined;
  stores: Stores;
  stop(): Promise<void>;
}

/** Settings for local work: `local.settings.json`, else the sample of it. The environment wins over both. */
export function localSettings(): Settings {
  const file = existsSync(`${root}local.settings.json`)
    ? 'local.settings.json'
    : 'local.settings.sample.json';
  return (JSON.parse(readFileSync(`${root}${file}`, 'utf8')) as { Values: Settings }).Values;
}

/** Builds the bundle where it is missing or older than its source. */
async function ensureBundle(): Promise<void> {
  const built = statSync(`${root}dist/index.js`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(['functions/**/*.ts', 'shared/**/*.ts', 'build.ts', 'package-lock.json'], {
    cwd: root,
  });
  if (sources.some((source) => statSync(`${root}${source}`).mtimeMs > built)) await bundle();
}

/**
 * Starts storage, loads the sample tenant and runs the app's bundle under the local host, all in one go.
 * @throws Error for wrong storage settings, a data folder in use or a port that is taken.
 */
export async function startGatehouse({ port, ephemeral, log }: LocalOptions): Promise<LocalGatehouse> {
  const settings = localSettings();
  const given = process.env.AzureWebJobsStorage ?? settings.AzureWebJobsStorage;
  const own = !given || given === 'UseDevelopmentStorage=true';
  const [azurite] = await Promise.all([
    own
      ? startAzurite({ location: ephemeral ? undefined : `${root}.local/storage`, usualPorts: !ephemeral })
      : undefined,
    ensureBundle(),
  ]);
  try {
    if (azurite) process.env.AzureWebJobsStorage = azurite.connectionString;
    const { platform } = readConfig({ ...settings, ...process.env });
    if (!platform.ok) throw new Error(platform.problems.map((p) => `${p.setting}: ${p.problem}`).join('\n'));
    const stores = await createAzureStores(platform.value.storage);
    if (azurite) await importTenants(sampleTenants, stores.tables);
    const host = await startHost({ dir: root, port, settings, log });
    return {
      host,
      azurite,
      stores,
      async stop() {
        await host.stop();
        await azurite?.stop();
      },
    };
  } catch (error) {
    await azurite?.stop();
    throw error;
  }
}
