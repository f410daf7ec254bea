import type { SettingProblem } from './config/section.ts';
import { raceDeadline, timedOut } from './deadline.ts';
import { type Settings, settingProblems } from './settings.ts';
import type { Stores } from './storage/stores.ts';
import { errorFields, type Logger } from './telemetry/logger.ts';

const pingTimeoutMs = 3_000;

export interface Readiness {
  status: 'ready' | 'not-ready';
  settings: SettingProblem[];
  storage: Record<keyof Stores, 'ok' | 'not configured' | 'unreachable'>;
}

/** Checks every setting and asks each storage service for one answer. Says what is wrong, never a value. */
export async function checkReadiness(
  config: Settings,
  openStores: () => Promise<Stores>,
  log: Logger,
): Promise<Readiness> {
  const settings = settingProblems(config);
  const storage = await pingAll(config, openStores, log);
  const ready = settings.length === 0 && Object.values(storage).every((state) => state === 'ok');
  return { status: ready ? 'ready' : 'not-ready', settings, storage };
}

async function pingAll(
  config: Settings,
  openStores: () => Promise<Stores>,
  log: Logger,
): Promise<Readiness['storage']> {
  if (!config.platform.ok)
    return { blobs: 'not configured', queues: 'not configured', tables: 'not configured' };
  const ping = async (name: keyof Stores) => {
    try {
      const { [name]: store } = await openStores();
      return (await raceDeadline(store.ping(), pingTimeoutMs)) === timedOut ? 'unreachable' : 'ok';
    } catch (error) {
      log.error('storage-unreachable', { service: name, ...errorFields(error) });
      return 'unreachable';
    }
  };
  const [blobs, queues, tables] = await Promise.all([ping('blobs'), ping('queues'), ping('tables')]);
  return { blobs, queues, tables };
}
