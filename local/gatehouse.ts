import { existsSync, globSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bundle } from '../build.ts';
import type { SettingProblem } from '../shared/config/section.ts';
import { readSettings, settingProblems } from '../shared/settings.ts';
import { createAzureStores } from '../shared/storage/azure/azureStores.ts';
import type { Stores } from '../shared/storage/stores.ts';
import type { LogSink } from './host/coreApi.ts';
import { type RunningHost, startHost } from './host/host.ts';
import { readSettingsFile, type Settings } from './host/settings.ts';
import { importTenants } from './importTenants.ts';
import { isAlive } from './isAlive.ts';
import { type Azurite, startAzurite } from './storage/azurite.ts';
import { localKey, trustSetting } from './tools/signingKey.ts';

export const root = fileURLToPath(new URL('..', import.meta.url));
export const sampleTenants = `${root}local/sample/tenants.json`;
const connectionFile = `${root}.local/connection-string`;

/** True where `AzureWebJobsStorage` names no account, so that the emulator is meant. */
export function meansEmulator(storage: string | undefined): boolean {
  return !storage || storage === 'UseDevelopmentStorage=true';
}

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
  /** Wrong settings: the app runs, and refuses what needs them. */
  problems: SettingProblem[];
  stop(): Promise<void>;
}

/** Settings for local work: `local.settings.json`, else the sample of it. The environment wins over both. */
export function localSettings(): Settings {
  const own = `${root}local.settings.json`;
  return { ...readSettingsFile(existsSync(own) ? own : `${root}local.settings.sample.json`), ...process.env };
}

/** The storage account a command should use; where the emulator is meant, the one that `npm start` runs. */
export function localStorageSettings(): Settings {
  const settings = localSettings();
  if (!meansEmulator(settings.AzureWebJobsStorage)) return settings;
  const running = runningEmulator();
  if (running === undefined) {
    throw new Error(
      'AzureWebJobsStorage names no account and no `npm start` is running. Start one, or set the connection string.',
    );
  }
  return { ...settings, AzureWebJobsStorage: running };
}

/** The connection string of an emulator that runs; what a killed process left behind does not count. */
function runningEmulator(): string | undefined {
  if (!existsSync(connectionFile)) return undefined;
  const [pid, connectionString] = readFileSync(connectionFile, 'utf8').split('\n');
  return isAlive(Number(pid)) ? connectionString : undefined;
}

/** Makes a running `npm start` look for published tools; none is no error. */
export async function wakeGatehouse(): Promise<void> {
  const [, , port] = existsSync(connectionFile) ? readFileSync(connectionFile, 'utf8').split('\n') : [];
  if (port) await fetch(`http://localhost:${port}/api/tools`).catch(() => {});
}

/** Opens the account of these settings. @throws Error that names the wrong storage settings. */
export async function openStores(settings: Settings): Promise<Stores> {
  const { platform } = readSettings(settings);
  if (platform.ok) return createAzureStores(platform.value.storage);
  throw new Error(platform.problems.map(({ setting, problem }) => `${setting}: ${problem}`).join('\n'));
}

/** Builds the bundle where it is missing or older than its source. */
async function ensureBundle(): Promise<void> {
  const built = statSync(`${root}dist/index.js`, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = globSync(['functions/**/*.ts', 'shared/**/*.ts', 'build.ts', 'package-lock.json'], {
    cwd: root,
  });
  if (sources.some((source) => statSync(`${root}${source}`).mtimeMs > built)) await bundle();
}

/** Lets other commands find the emulator while it runs. */
function announce(connectionString: string, port?: number): () => void {
  mkdirSync(`${root}.local`, { recursive: true });
  writeFileSync(connectionFile, [process.pid, connectionString, port ?? ''].join('\n'));
  return () => rmSync(connectionFile, { force: true });
}

/**
 * Starts storage, loads the sample tenant and runs the app's bundle under the local host, all in one go.
 * @throws Error for wrong storage settings, a data folder in use or a port that is taken.
 */
export async function startGatehouse({ port, ephemeral, log }: LocalOptions): Promise<LocalGatehouse> {
  const settings = localSettings();
  const own = meansEmulator(settings.AzureWebJobsStorage);
  const [azurite] = await Promise.all([
    own
      ? startAzurite({ location: ephemeral ? undefined : `${root}.local/storage`, usualPorts: !ephemeral })
      : undefined,
    ensureBundle(),
  ]);
  const withdraw = azurite && !ephemeral ? announce(azurite.connectionString) : () => {};
  const stop = async () => {
    withdraw();
    await azurite?.stop();
  };
  try {
    // What `npm run tools` publishes from this machine runs on it.
    settings.GATEHOUSE_TOOL_KEYS ||= trustSetting(localKey());
    if (azurite) settings.AzureWebJobsStorage = process.env.AzureWebJobsStorage = azurite.connectionString;
    const stores = azurite
      ? await createAzureStores({ connectionString: azurite.connectionString })
      : await openStores(settings);
    if (azurite) await importTenants(sampleTenants, stores.tables);
    const host = await startHost({ dir: root, port, settings, log });
    if (azurite && !ephemeral) announce(azurite.connectionString, host.port);
    return {
      host,
      azurite,
      stores,
      problems: settingProblems(readSettings(settings)),
      async stop() {
        await host.stop();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
