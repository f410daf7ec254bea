import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { createMemoryStores } from '../../../shared/storage/memory/memoryStores.ts';
import { fixedSource } from '../../../shared/tools/registry.ts';
import { answerTransfer } from '../../../shared/voice/answers/destinations.ts';
import { buildTransientAssistant } from '../../../shared/voice/assistant/transientAssistant.ts';
import { vapiFaults, vapiProviders } from '../../../shared/voice/assistant/vapiFaults.ts';
import { vapiRules } from '../../../shared/voice/assistant/vapiRules.ts';
import { type Tenant, tenantSchema } from '../../../shared/voice/tenants/tenant.ts';
import { TenantAdmin } from '../../../shared/voice/tenants/tenantAdmin.ts';
import { TenantStore } from '../../../shared/voice/tenants/tenantStore.ts';
import { acme, now, voiceSettings } from '../../support/voice.ts';
import { anyEntry, type Part, sdkEntries } from './anyTenant.ts';
import { violations } from './violations.ts';

const parts = { settings: voiceSettings(), tools: fixedSource([]) };
const shop = { businessName: 'Shop', businessHours: '9-5', services: ['x'], phoneNumbers: ['+61255501111'] };
const kinds: Part[] = ['model', 'voice', 'transcriber'];

function violationsOf(tenant: Tenant): string[] {
  const answer = { assistant: buildTransientAssistant(tenant, parts, now) };
  return violations(answer, 'ServerMessageResponseAssistantRequest');
}

const withEntry = (part: Part, entry: Record<string, unknown>): Tenant =>
  tenantSchema.parse({ ...acme, assistant: { [part]: entry } });

/** Places of all that is wrong with a tenant, as whoever stores it is told. */
async function faultsOf(tenant: Record<string, unknown>): Promise<string[]> {
  const store = new TenantStore(createMemoryStores().tables);
  const admin = new TenantAdmin({ store, parts, mayHaveNoLine: false, now: () => now });
  try {
    const { tenant: stored } = await admin.put('shop', { ...shop, ...tenant }, undefined);
    expect(violationsOf(stored)).toEqual([]);
    const said = { messagesOpenAIFormatted: [{ role: 'user', content: 'an emergency' }] };
    const transfer = answerTransfer(stored, said, now);
    expect(violations(transfer, 'ServerMessageResponseTransferDestinationRequest')).toEqual([]);
    return [];
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const { faults } = (error.details ?? {}) as { faults?: { path: string }[] };
    return (faults ?? []).map(({ path }) => path);
  }
}

describe.each(kinds)('the check of a %s', (part) => {
  it('knows the providers there are', () => {
    expect([...vapiProviders[part]].sort()).toEqual(
      sdkEntries(part)
        .map(({ provider }) => provider)
        .sort(),
    );
  });

  it("has the SDK's own lists", () => {
    const sorted = (words: 'any' | readonly string[] | undefined) =>
      typeof words === 'object' ? [...words].sort() : words;
    for (const { provider, takes, needs } of sdkEntries(part)) {
      const rules = vapiRules[part][provider];
      const listed = Object.entries(rules?.takes ?? {}).map(([name, words]) => [name, sorted(words)]);
      const expected = Object.entries(takes).map(([name, words]) => [name, sorted(words)]);
      expect([provider, Object.fromEntries(listed)]).toEqual([provider, Object.fromEntries(expected)]);
      expect([provider, ...(sorted(rules?.needs) ?? [])]).toEqual([provider, ...needs.sort()]);
    }
  });

  it('refuses what Vapi would refuse, and nothing else', () => {
    const outcomes = new Set<boolean>();
    fc.assert(
      fc.property(anyEntry(part), (entry) => {
        const tenant = withEntry(part, entry);
        const faults = vapiFaults(tenant);
        outcomes.add(faults.length === 0);
        expect([faults.length === 0, entry]).toEqual([violationsOf(tenant).length === 0, entry]);
        for (const { path } of faults) expect(path).toMatch(new RegExp(`^assistant\\.${part}\\.\\w+$`));
      }),
      { numRuns: 250 },
    );
    expect([...outcomes].sort()).toEqual([false, true]);
  });

  it('takes every word of every closed list, and no other', () => {
    for (const { provider, takes, isUsable } of sdkEntries(part)) {
      const first = (name: string) => (takes[name] === 'any' ? 'some-name' : takes[name]?.[0]);
      const always = ['model', 'voiceId'].filter(
        (name) => name in takes && (part !== 'voice' || name !== 'model'),
      );
      const needed = [...always, ...(provider === 'sesame' ? ['model'] : [])];
      const right = { provider, ...Object.fromEntries(needed.map((name) => [name, first(name)])) };
      const pathsWith = (more: object) =>
        vapiFaults(withEntry(part, { ...right, ...more })).map(({ path }) => path);
      expect(pathsWith({})).toEqual(isUsable ? [] : [`assistant.${part}.provider`]);
      for (const [name, words] of Object.entries(takes)) {
        if (words === 'any' || !isUsable) continue;
        expect(words.flatMap((word) => pathsWith({ [name]: word }))).toEqual([]);
        expect(pathsWith({ [name]: `${words[0]}~` })).toEqual([`assistant.${part}.${name}`]);
      }
    }
  });
});

const office = { name: 'Office', number: '+61255501111' };
const to = (destination: object) => ({ transfer: { destinations: [destination] } });
const long = (length: number) => 'x'.repeat(length);

describe('a value at a bound of Vapi is taken, one beyond it is refused where it stands', () => {
  it.each<[place: string, at: Record<string, unknown>, beyond: Record<string, unknown>]>([
    [
      'assistant.endCallMessage',
      { assistant: { endCallMessage: long(1_000) } },
      { assistant: { endCallMessage: long(1_001) } },
    ],
    [
      'assistant.maxDurationSeconds',
      { assistant: { maxDurationSeconds: 10 } },
      { assistant: { maxDurationSeconds: 9 } },
    ],
    [
      'assistant.maxDurationSeconds',
      { assistant: { maxDurationSeconds: 43_200 } },
      { assistant: { maxDurationSeconds: 43_201 } },
    ],
    ...[
      [0, -0.01],
      [2, 2.01],
    ].map(([at, beyond]): [string, Record<string, unknown>, Record<string, unknown>] => {
      const model = (temperature: unknown) => ({
        assistant: { model: { provider: 'openai', model: 'gpt-4o', temperature } },
      });
      return ['assistant.model.temperature', model(at), model(beyond)];
    }),
    [
      'transfer.destinations.0.extension',
      to({ ...office, extension: '1234567890' }),
      to({ ...office, extension: '12345678901' }),
    ],
    ['transfer.destinations.0.number', to(office), to({ ...office, number: '0255501111' })],
    [
      'transfer.destinations.0.number',
      to({ ...office, number: '+614915701561234' }),
      to({ ...office, number: '+6149157015612345' }),
    ],
    [
      'transfer.destinations.0.message',
      to({ ...office, message: long(1_000) }),
      to({ ...office, message: long(1_001) }),
    ],
    [
      'transfer.destinations.0.sipUri',
      to({ name: 'Desk', sipUri: 'sip:desk@example.com' }),
      to({ name: 'Desk', sipUri: 'desk@example.com' }),
    ],
    [
      'tools.functions.0',
      { tools: { functions: [`a${long(39)}`] } },
      { tools: { functions: [`a${long(40)}`] } },
    ],
    ['phoneNumbers.0', { phoneNumbers: ['+1234567'] }, { phoneNumbers: ['+123456'] }],
  ])('%s', async (place, at, beyond) => {
    expect(await faultsOf(at)).toEqual([]);
    expect(await faultsOf(beyond)).toEqual([place]);
  });

  it('a name of 200 characters is said in full and cut for Vapi, through no character', () => {
    const businessName = `${long(39)}🚰${long(150)}`;
    const assistant = buildTransientAssistant(tenantSchema.parse({ ...acme, businessName }), parts, now);
    expect(assistant.name).toBe(long(39));
    expect(assistant.firstMessage).toContain(businessName);
  });
});
