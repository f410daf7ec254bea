import { randomUUID } from 'node:crypto';
import manifest from '../package.json' with { type: 'json' };
import type { Auditor } from '../shared/audit/auditor.ts';
import type { JobDeps } from '../shared/audit/jobs/processJob.ts';
import type { Section } from '../shared/config/section.ts';
import type { DeliveryDeps } from '../shared/deliveries/processDelivery.ts';
import { reportDelivery } from '../shared/deliveries/report.ts';
import { TenantSlots } from '../shared/deliveries/tenantSlots.ts';
import { AppError } from '../shared/errors.ts';
import { limitHeaders, toLimitError } from '../shared/limits/answer.ts';
import { TableBucketStore } from '../shared/limits/bucketStore.ts';
import { systemClock } from '../shared/limits/clock.ts';
import { LimitAdmin } from '../shared/limits/limitAdmin.ts';
import { Limiter, type Subject } from '../shared/limits/limiter.ts';
import type { Operation, Policy } from '../shared/limits/policy.ts';
import { builtInLimits } from '../shared/limits/settings.ts';
import { McpEndpoint } from '../shared/mcp/endpoint.ts';
import { KeyRing } from '../shared/mcp/keys/keyRing.ts';
import { KeyStore } from '../shared/mcp/keys/keyStore.ts';
import { Repeats } from '../shared/mcp/repeats.ts';
import { createSafeFetch } from '../shared/net/safeFetch.ts';
import { readSettings, type Settings } from '../shared/settings.ts';
import { createAzureStores } from '../shared/storage/azure/azureStores.ts';
import { ServerClock } from '../shared/storage/serverClock.ts';
import type { Stores } from '../shared/storage/stores.ts';
import { toKey } from '../shared/storage/tableKey.ts';
import { createLogger, type Logger } from '../shared/telemetry/logger.ts';
import { createToolRegistry, type ToolRegistry } from '../shared/tools/registry.ts';
import { ToolStatistics } from '../shared/tools/statistics.ts';
import { BudgetWarnings } from '../shared/usage/budgetWarnings.ts';
import { Ledger } from '../shared/usage/ledger/ledger.ts';
import { ModelCalls } from '../shared/usage/modelCalls.ts';
import { AnsweredMessages } from '../shared/voice/answers/answeredMessages.ts';
import { CallStore } from '../shared/voice/calls/callStore.ts';
import { Erasure } from '../shared/voice/calls/erasure.ts';
import type { EndOfCallDeps } from '../shared/voice/calls/processEndOfCall.ts';
import { LeadStore } from '../shared/voice/leads/leadStore.ts';
import { DoNotCallList } from '../shared/voice/tenants/doNotCall.ts';
import { TenantAdmin } from '../shared/voice/tenants/tenantAdmin.ts';
import { TenantDirectory } from '../shared/voice/tenants/tenantDirectory.ts';
import { TenantEvents } from '../shared/voice/tenants/tenantEvents.ts';
import { TenantStore } from '../shared/voice/tenants/tenantStore.ts';
import { builtInTools } from '../shared/voice/tools/builtInTools.ts';
import { callAdvice } from '../shared/voice/tools/callAdvice.ts';
import { VapiWebhook } from '../shared/voice/webhook.ts';
import { createToolSource, type ToolParts } from './liveTools.ts';
import { callerIn, collectionsOf, tenantIn } from './mcpDeps.ts';

/** The audit's room: it is large, and a call on the phone never needs it. */
export const audits = () => import('../shared/audit/audits.ts');

/** Everything the functions work with, made once per instance when first needed. */
export interface Services {
  settings: Settings;
  stores(): Promise<Stores>;
  limits(): Promise<{ limiter: Limiter; policies: readonly Policy[]; admin: LimitAdmin }>;
  ledger(): Promise<Ledger>;
  webhook(): Promise<VapiWebhook>;
  tenantAdmin(): Promise<TenantAdmin>;
  records(): Promise<{
    calls: CallStore;
    leads: LeadStore;
    erasure: Erasure;
    tenants: TenantStore;
    doNotCall: DoNotCallList;
    answered: AnsweredMessages;
  }>;
  deliveries(): Promise<DeliveryDeps>;
  endOfCall(): Promise<EndOfCallDeps>;
  auditor(): Promise<Auditor>;
  auditJobs(): Promise<JobDeps>;
  tools(): Promise<ToolParts & { registry: ToolRegistry }>;
  mcp(): Promise<McpEndpoint>;
}

/** A section's settings. @throws AppError `misconfigured` that names the wrong ones. */
export function required<T>(section: Section<T>): T {
  if (section.ok) return section.value;
  const names = [...new Set(section.problems.map(({ setting }) => setting))].join(', ');
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

/** Puts the rooms together: the one place where voice, audit, tools and the platform meet. */
export function createServices(env: Record<string, string | undefined>): Services {
  const settings = readSettings(env);
  const now = () => new Date();
  const instance = randomUUID();
  const serverClock = new ServerClock();
  const stores = lazily(async () => createAzureStores(required(settings.platform).storage, serverClock));
  /** A tenant's own limits as stored, else as last known. Whoever asks may name anything. */
  const ownLimits = async (named: string) => {
    const { tenants, directory } = await voice();
    const tenantId = toKey(named);
    const tenant = await tenants.get(tenantId).catch(() => directory.get(tenantId));
    return tenant?.limits;
  };
  const limits = lazily(async () => {
    // Wrong limits must not silence the phone: until they are mended the built-in ones hold.
    const { policies, storeTimeoutMs } = settings.limits.ok
      ? settings.limits.value
      : builtInLimits(env.GATEHOUSE_LIMITS_MODE);
    const store = new TableBucketStore((await stores()).tables);
    const clock = systemClock(() => serverClock.now());
    const limiter = new Limiter({ policies, store, instance, clock, storeTimeoutMs });
    return { limiter, policies, admin: new LimitAdmin({ policies, store, limiter, clock, ownLimits }) };
  });
  const ledger = lazily(async () => new Ledger({ stores: await stores(), instance, now }));
  const modelCalls = lazily(async () => {
    const { deployments, model } = required(settings.usage);
    const { limiter, policies } = await limits();
    return new ModelCalls({
      limiter,
      ledger: await ledger(),
      deployments,
      warnings: new BudgetWarnings(policies),
      concurrency: model.concurrency,
      attempts: model.attempts,
      now,
    });
  });
  // Reports already accepted are processed whatever the voice settings have become since.
  const tenantCacheTtlMs = settings.voice.ok ? settings.voice.value.tenantCacheTtlMs : 0;
  const voice = lazily(async () => {
    const { tables } = await stores();
    const tenants = new TenantStore(tables);
    const directory = new TenantDirectory(tenants, tenantCacheTtlMs);
    const calls = new CallStore(await stores());
    const leads = new LeadStore(tables, () => `lead_${randomUUID()}`);
    const events = new TenantEvents(await stores(), tenants);
    const statistics = new ToolStatistics();
    const builtIns = builtInTools({ leads, calls, events, tenants: directory });
    const config = settings.tools.ok ? settings.tools.value : undefined;
    const parts = createToolSource({
      builtIns,
      config,
      env,
      stores: await stores(),
      instance,
      statistics,
      log: createLogger(console, 'info'),
      now,
    });
    const tools = createToolRegistry(parts.source, { statistics, advice: callAdvice });
    const doNotCall = new DoNotCallList(tables);
    const answered = new AnsweredMessages(tables);
    return { tenants, directory, calls, leads, events, tools, parts, doNotCall, answered };
  });
  const made: Services = {
    settings,
    stores,
    limits,
    ledger,
    webhook: lazily(async () => {
      const { calls, directory, tools, doNotCall, answered } = await voice();
      return new VapiWebhook({
        settings: required(settings.voice),
        limiter: (await limits()).limiter,
        tenants: directory,
        tools,
        doNotCall,
        calls,
        answered,
        stores: await stores(),
        now,
      });
    }),
    tenantAdmin: lazily(async () => {
      const { tenants, tools } = await voice();
      const config = required(settings.voice);
      return new TenantAdmin({
        store: tenants,
        parts: { settings: config, tools },
        mayHaveNoLine: config.tokenKeys.length > 0,
        now,
      });
    }),
    records: lazily(async () => {
      const { calls, leads, tenants, doNotCall, answered } = await voice();
      return {
        calls,
        leads,
        tenants,
        doNotCall,
        answered,
        erasure: new Erasure({ calls, leads, stores: await stores() }),
      };
    }),
    deliveries: lazily(async () => {
      const { events } = await voice();
      return {
        stores: await stores(),
        fetch: createSafeFetch(),
        endpointOf: (tenantId) => events.endpointOf(tenantId),
        slots: new TenantSlots(),
        // Claims are compared by clock, across instances.
        now: () => new Date(serverClock.now()),
        random: Math.random,
        report: reportDelivery,
      };
    }),
    endOfCall: lazily(async () => ({
      stores: await stores(),
      calls: (await voice()).calls,
      tenants: (await voice()).directory,
      events: (await voice()).events,
      ledger: await ledger(),
      now,
    })),
    auditor: lazily(async () => {
      const audit = required(settings.audit);
      // A budget that is set wrong might not hold: no model is called until it is mended.
      if (audit.azureOpenAi || audit.openAiCompatible) required(settings.limits);
      const usage = required(settings.usage);
      const { createAuditor } = await audits();
      return createAuditor(audit, { calls: await modelCalls(), usage, stores: await stores(), now });
    }),
    auditJobs: lazily(async () => {
      const { createJobs } = await audits();
      return createJobs(required(settings.audit), {
        stores: await stores(),
        runner: () => made.auditor(),
        // Claims are compared by clock, across instances.
        clock: systemClock(() => serverClock.now()),
      });
    }),
    tools: lazily(async () => {
      const { tools: registry, parts } = await voice();
      return { ...parts, registry };
    }),
    mcp: lazily(async () => {
      const { directory, tools, calls, leads } = await voice();
      const { tables } = await stores();
      const { limiter } = await limits();
      const { voice: phone, audit } = settings;
      const { auditShelf } = await audits();
      return new McpEndpoint({
        settings: required(settings.mcp),
        keys: new KeyRing(new KeyStore(tables)),
        limiter,
        tenant: tenantIn(directory),
        tenantTools: { registry: tools, timeoutMs: required(phone).toolTimeoutMs },
        auditTools: auditShelf(audit, {
          auditor: () => made.auditor(),
          jobs: () => made.auditJobs(),
          limiter,
        }),
        collections: collectionsOf(leads, calls),
        repeats: new Repeats(tables),
        callerOf: callerIn(calls),
        facts: {
          version: manifest.version,
          // A list is as good as the last look at what is published.
          listTtlMs: settings.tools.ok ? settings.tools.value.pollMs : 0,
        },
        now,
      });
    }),
  };
  return made;
}

export const services = createServices(process.env);

export function logLevel() {
  return services.settings.platform.ok ? services.settings.platform.value.logLevel : 'info';
}

/**
 * Checks the limits of an operation. Gives the headers that tell a client how it stands.
 * @throws AppError where a limit refuses, or cannot be checked and the instance's own share is used up.
 */
export async function admit(
  operation: Operation,
  subject: Subject,
  log: Logger,
): Promise<Record<string, string>> {
  const { limiter } = await services.limits();
  const decision = await limiter.check(operation, subject);
  if (decision.kind !== 'allowed') throw toLimitError(decision, new Date());
  const { permit, shadowed, limits } = decision;
  if (shadowed.length > 0) log.warn('limit-shadow-refusal', { operation, limits: shadowed });
  return { ...limitHeaders(limits()), ...(permit.degraded ? { 'gatehouse-degraded': 'limits' } : {}) };
}
