import { readFileSync } from 'node:fs';
import { TableBucketStore } from '../../shared/limits/bucketStore.ts';
import { Limiter } from '../../shared/limits/limiter.ts';
import { type PolicyInput, policySchema } from '../../shared/limits/policy.ts';
import { readSettings } from '../../shared/settings.ts';
import { createMemoryStores } from '../../shared/storage/memory/memoryStores.ts';
import { createToolRegistry, fixedSource } from '../../shared/tools/registry.ts';
import type { Tool } from '../../shared/tools/tool.ts';
import { AnsweredMessages } from '../../shared/voice/answers/answeredMessages.ts';
import { CallStore } from '../../shared/voice/calls/callStore.ts';
import { LeadStore } from '../../shared/voice/leads/leadStore.ts';
import type { VoiceConfig } from '../../shared/voice/settings.ts';
import { DoNotCallList } from '../../shared/voice/tenants/doNotCall.ts';
import { type Tenant, tenantSchema } from '../../shared/voice/tenants/tenant.ts';
import { TenantDirectory } from '../../shared/voice/tenants/tenantDirectory.ts';
import { TenantEvents } from '../../shared/voice/tenants/tenantEvents.ts';
import { TenantStore } from '../../shared/voice/tenants/tenantStore.ts';
import { builtInTools } from '../../shared/voice/tools/builtInTools.ts';
import { callAdvice } from '../../shared/voice/tools/callAdvice.ts';
import { VapiWebhook } from '../../shared/voice/webhook.ts';
import { memoryLog } from './http.ts';
import { root } from './process.ts';

export const now = new Date('2026-11-21T00:49:00Z');

export function voiceSettings(env: Record<string, string> = {}): VoiceConfig {
  const { voice } = readSettings({ VAPI_WEBHOOK_SECRET: 'open-sesame', ...env });
  if (!voice.ok) throw new Error(JSON.stringify(voice.problems));
  return voice.value;
}

export const acme: Tenant = tenantSchema.parse(
  (JSON.parse(readFileSync(`${root}local/sample/tenants.json`, 'utf8')) as unknown[])[0],
);

/** A sample message by name, with members of `message` replaced. */
export function sampleMessage(name: string, changes: Record<string, unknown> = {}): Record<string, unknown> {
  const { message } = JSON.parse(readFileSync(`${root}local/sample/calls/${name}.json`, 'utf8')) as {
    message: Record<string, unknown>;
  };
  return { ...message, ...changes };
}

/** The voice side on in-memory storage, with Acme Plumbing in it. */
export async function createVoice(
  options: {
    env?: Record<string, string>;
    tools?: Tool[];
    tenants?: Tenant[];
    policies?: readonly PolicyInput[];
    now?: () => Date;
  } = {},
) {
  const stores = createMemoryStores();
  const store = new TenantStore(stores.tables);
  for (const tenant of options.tenants ?? [acme]) await store.put(tenant);
  let ids = 0;
  const leads = new LeadStore(stores.tables, () => `lead_${++ids}`);
  const calls = new CallStore(stores);
  const settings = voiceSettings(options.env);
  const tenants = new TenantDirectory(store, settings.tenantCacheTtlMs);
  const events = new TenantEvents(stores, store);
  const tools = createToolRegistry(
    fixedSource([...builtInTools({ leads, calls, events, tenants }), ...(options.tools ?? [])]),
    { advice: callAdvice },
  );
  const limiter = new Limiter({
    policies: (options.policies ?? []).map((policy) => policySchema.parse(policy)),
    store: new TableBucketStore(stores.tables),
    instance: 'test',
  });
  const doNotCall = new DoNotCallList(stores.tables);
  const webhook = new VapiWebhook({
    settings,
    limiter,
    tenants,
    tools,
    doNotCall,
    calls,
    answered: new AnsweredMessages(stores.tables),
    stores,
    now: options.now ?? (() => now),
  });
  const { log, lines } = memoryLog();
  return {
    stores,
    leads,
    lines,
    log,
    tenants,
    doNotCall,
    calls,
    events,
    webhook,
    async answer(message: unknown) {
      const { status, jsonBody, body } = await webhook.answer(Buffer.from(JSON.stringify({ message })), log);
      const parsed = typeof body === 'string' ? (JSON.parse(body) as unknown) : jsonBody;
      return { status, body: parsed as Record<string, unknown> };
    },
  };
}
