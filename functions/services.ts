import { randomUUID } from 'node:crypto';
import { AnswerCache } from '../shared/audit/answerCache.ts';
import { Auditor } from '../shared/audit/auditor.ts';
import { createEngine } from '../shared/audit/engines/createEngine.ts';
import type { Section } from '../shared/config/section.ts';
import { AppError } from '../shared/errors.ts';
import { readSettings, type Settings } from '../shared/settings.ts';
import { createAzureStores } from '../shared/storage/azure/azureStores.ts';
import type { Stores } from '../shared/storage/stores.ts';
import { createToolRegistry } from '../shared/tools/registry.ts';
import { CallStore } from '../shared/voice/calls/callStore.ts';
import type { EndOfCallDeps } from '../shared/voice/calls/processEndOfCall.ts';
import { LeadStore } from '../shared/voice/leads/leadStore.ts';
import { TenantDirectory } from '../shared/voice/tenants/tenantDirectory.ts';
import { TenantStore } from '../shared/voice/tenants/tenantStore.ts';
import { createLeadTool } from '../shared/voice/tools/createLead.ts';
import { VapiWebhook } from '../shared/voice/webhook.ts';

/** Everything the functions work with, made once per instance when first needed. */
export interface Services {
  config: Settings;
  stores(): Promise<Stores>;
  webhook(): Promise<VapiWebhook>;
  endOfCall(): Promise<EndOfCallDeps>;
  auditor(): Promise<Auditor>;
}

/** A section's settings. @throws AppError `misconfigured` that names the wrong ones. */
export function required<T>(section: Section<T>): T {
  if (section.ok) return section.value;
  const names = section.problems.map(({ setting }) => setting).join(', ');
  throw new AppError(
    'misconfigured',
    `These settings are missing or wrong: ${names}. GET /api/readyz says what each needs.`,
  );
}

/** Runs `make` at the first call; a failure is not remembered. */
function lazily<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => {
    made ??= make().catch((error: unknown) => {
      made = undefined;
      throw error;
    });
    return made;
  };
}

/** Puts the rooms together: the one place where voice, audit, tools and storage meet. */
export function createServices(env: Record<string, string | undefined>): Services {
  const config = readSettings(env);
  const now = () => new Date();
  const stores = lazily(async () => createAzureStores(required(config.platform).storage));
  // Reports already accepted are processed whatever the voice settings have become since.
  const tenantCacheTtlMs = config.voice.ok ? config.voice.value.tenantCacheTtlMs : 0;
  const tenants = lazily(
    async () => new TenantDirectory(new TenantStore((await stores()).tables), tenantCacheTtlMs),
  );
  return {
    config,
    stores,
    webhook: lazily(async () => {
      const leads = new LeadStore((await stores()).tables, () => `lead_${randomUUID()}`);
      return new VapiWebhook({
        settings: required(config.voice),
        tenants: await tenants(),
        tools: createToolRegistry([createLeadTool(leads)]),
        stores: await stores(),
        now,
      });
    }),
    endOfCall: lazily(async () => ({
      stores: await stores(),
      calls: new CallStore(await stores()),
      tenants: await tenants(),
    })),
    auditor: lazily(async () => {
      const settings = required(config.audit);
      return new Auditor({
        settings,
        engine: await createEngine(settings),
        cache: new AnswerCache((await stores()).blobs),
        now,
      });
    }),
  };
}

export const services = createServices(process.env);

export function logLevel() {
  return services.config.platform.ok ? services.config.platform.value.logLevel : 'info';
}
