import { startAzurite } from '../../local/storage/azurite.ts';
import { seeded } from '../support/simulation.ts';
import { type Crm, startCrm } from './crm.ts';
import { type FaultyStorage, startFaultyStorage } from './faultyStorage.ts';
import { Fleet } from './fleet.ts';
import { Leaks } from './leaks.ts';
import { Leases } from './leases.ts';
import { type Plan, planDay } from './plan.ts';
import { openStorage, type StorageView } from './storageView.ts';
import { startTelemetrySink, type TelemetrySink } from './telemetrySink.ts';
import type { Service, Weather } from './weather.ts';

export interface WorldOptions {
  seed: number;
  tenants: number;
  calls: number;
  instances: number;
  weather: (service: Service) => Weather;
}

/** Everything a day is played in, each part on 127.0.0.1; storage and the app are processes of their own. */
export interface World {
  plan: Plan;
  fleet: Fleet;
  crm: Crm;
  storage: StorageView;
  /** Of storage itself, past all faults. */
  connectionString: string;
  /** Storage as each instance sees it. */
  faulty: readonly FaultyStorage[];
  leases: Leases;
  leaks: Leaks;
  sink: TelemetrySink;
  advance(ms: number): void;
  stop(): Promise<void>;
}

export const holderOf = (i: number) => `instance-${i}`;

export async function startWorld({ seed, tenants, calls, instances, weather }: WorldOptions): Promise<World> {
  let aheadMs = 0;
  const clock = { aheadMs: () => aheadMs };
  const crm = await startCrm({ random: seeded(seed + 1), ...clock });
  const plan = planDay({ seed, tenants, calls, now: Date.now(), crm: crm.base });
  const leaks = new Leaks(plan.planted);
  const sink = await startTelemetrySink((text) => leaks.look(text));
  const azurite = await startAzurite();
  const storage = await openStorage(azurite.connectionString);
  const leases = new Leases(storage.queues);
  const faulty = await Promise.all(
    Array.from({ length: instances }, (_, i) =>
      startFaultyStorage({
        azurite,
        holder: holderOf(i),
        random: seeded(seed + 2 + i),
        weather,
        ...clock,
        heard: (exchange) => leases.note(exchange),
      }),
    ),
  );
  const fleet = new Fleet({
    size: instances,
    env: (i) => settingsOf(plan, faulty[i]?.connectionString ?? '', sink.url),
  });
  const stop = async () => {
    await fleet.stop();
    await Promise.all([azurite.stop(), ...faulty.map((one) => one.stop()), crm.stop(), sink.stop()]);
  };
  await fleet.start().catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  const { connectionString } = azurite;
  const advance = (ms: number) => {
    aheadMs += ms;
  };
  return { plan, fleet, crm, storage, connectionString, faulty, leases, leaks, sink, advance, stop };
}

function settingsOf(
  { webhookSecret, hmacSecret }: Plan,
  connectionString: string,
  telemetry: string,
): Record<string, string> {
  const hmac = {
    type: 'hmac',
    algorithm: 'sha256',
    secrets: [{ env: 'DAY_HMAC' }],
    messageIdHeader: 'x-message-id',
  };
  return {
    AzureWebJobsStorage: connectionString,
    VAPI_WEBHOOK_SECRET: webhookSecret,
    VAPI_WEBHOOK_CREDENTIALS: JSON.stringify([hmac]),
    DAY_HMAC: hmacSecret,
    GATEHOUSE_ALLOW_UNAUTHENTICATED: 'false',
    LOG_LEVEL: 'DEBUG',
    OTEL_EXPORTER_OTLP_ENDPOINT: telemetry,
    AzureFunctionsJobHost__extensions__queues__visibilityTimeout: '00:00:02',
  };
}
