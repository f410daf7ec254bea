import { describe, expect, it } from 'vitest';
import type { PolicyInput } from '../../../../shared/limits/policy.ts';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import { fixedSource } from '../../../../shared/tools/registry.ts';
import { type Tenant, tenantJsonSchema, tenantSchema } from '../../../../shared/voice/tenants/tenant.ts';
import { TenantAdmin } from '../../../../shared/voice/tenants/tenantAdmin.ts';
import { TenantStore } from '../../../../shared/voice/tenants/tenantStore.ts';
import { acme, createVoice, now, sampleMessage, voiceSettings } from '../../../support/voice.ts';

const policies: PolicyInput[] = [
  {
    name: 'calls-tenant',
    operations: ['assistant-request'],
    scope: 'tenant',
    limits: [{ quota: 3, window: '1h' }],
    localShare: 0,
  },
  {
    name: 'tools-tenant',
    operations: ['tool-calls'],
    scope: 'tenant',
    limits: [{ quota: 2, window: '1h' }],
    localShare: 0,
  },
];
const limited = (limits: Tenant['limits']): Tenant => ({ ...acme, limits });
const hourly = (quota: number) => [{ quota, window: '1h' }];

/** Calls or tool calls one after the other; how many were let through. */
async function admitted(voice: Awaited<ReturnType<typeof createVoice>>, type: string, asks: number) {
  let count = 0;
  for (let i = 0; i < asks; i++) {
    const { body } = await voice.answer(sampleMessage(type));
    const refused = body.error ?? (body.results as { error?: string }[] | undefined)?.[0]?.error;
    if (refused === undefined) count++;
  }
  return count;
}

describe('the limits of a tenant', () => {
  it('hold for its calls and its tool calls in place of the policies', async () => {
    const plain = await createVoice({ policies });
    expect([await admitted(plain, 'assistant-request', 6), await admitted(plain, 'tool-calls', 6)]).toEqual([
      3, 2,
    ]);
    const own = limited({ calls: hourly(5), toolCalls: hourly(1) });
    const voice = await createVoice({ policies, tenants: [own] });
    expect([await admitted(voice, 'assistant-request', 6), await admitted(voice, 'tool-calls', 6)]).toEqual([
      5, 1,
    ]);
    const half = await createVoice({ policies, tenants: [limited({ toolCalls: hourly(4) })] });
    expect([await admitted(half, 'assistant-request', 6), await admitted(half, 'tool-calls', 6)]).toEqual([
      3, 4,
    ]);
  });

  it('hold as soon as a change of them is read, without a reset', async () => {
    const env = { TENANT_CACHE_TTL_S: '0' };
    const voice = await createVoice({ policies, env });
    const store = new TenantStore(voice.stores.tables);
    const admittedUnder = async (limits: Tenant['limits']) => {
      await store.put(limited(limits));
      return admitted(voice, 'assistant-request', 9);
    };
    expect(await admitted(voice, 'assistant-request', 5)).toBe(3);
    expect(await admittedUnder({ calls: hourly(8) })).toBe(5);
    expect(await admittedUnder({ calls: hourly(4) })).toBe(0);
    expect(await admittedUnder({ calls: hourly(9) })).toBe(1);
    expect(await admittedUnder(undefined)).toBe(0);
  });

  it('are stored and given back as written', async () => {
    const { tables } = createMemoryStores();
    const store = new TenantStore(tables);
    const limits = {
      calls: [
        { quota: 60, window: '1m' },
        { quota: 1_000, window: 'day' },
      ],
    };
    await store.put(limited(limits));
    expect((await store.get('acme'))?.limits).toEqual(limits);
  });

  it('are refused where they are wrong, each fault by its place', async () => {
    const parts = { settings: voiceSettings(), tools: fixedSource([]) };
    const store = new TenantStore(createMemoryStores().tables);
    const admin = new TenantAdmin({ store, parts, mayHaveNoLine: false, now: () => now });
    const calls = [
      { quota: 0, window: '1m' },
      { quota: 5, window: '1w' },
    ];
    const limits = { calls, toolCalls: [], audits: [] };
    await expect(admin.put('acme', { ...acme, limits }, undefined)).rejects.toMatchObject({
      code: 'invalid-request',
      details: {
        faults: [
          { path: 'limits.calls.0.quota', problem: 'must be at least 1' },
          {
            path: 'limits.calls.1.window',
            problem: expect.stringContaining('must be a time from 1s to 31d'),
          },
          { path: 'limits.toolCalls', problem: 'must hold at least one limit' },
          { path: 'limits', problem: expect.stringContaining('audits') },
        ],
      },
    });
  });

  it('are in the schema for editors', () => {
    const { properties } = tenantJsonSchema() as { properties: Record<string, unknown> };
    const list = {
      type: 'array',
      minItems: 1,
      maxItems: 4,
      items: {
        properties: {
          quota: { type: 'integer', minimum: 1, maximum: 4_000_000_000 },
          window: { type: 'string', pattern: expect.stringContaining('day|month') },
        },
        required: ['quota', 'window'],
      },
    };
    expect(properties.limits).toMatchObject({ properties: { calls: list, toolCalls: list } });
    expect(tenantSchema.parse(acme).limits).toBeUndefined();
  });
});
