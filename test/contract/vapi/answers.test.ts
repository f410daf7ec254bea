import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fixedSource } from '../../../shared/tools/registry.ts';
import type { Tool } from '../../../shared/tools/tool.ts';
import { defineTool } from '../../../shared/tools/tool.ts';
import { answerHandoff, answerTransfer } from '../../../shared/voice/answers/destinations.ts';
import { answerEndpointing } from '../../../shared/voice/answers/endpointing.ts';
import { answerKnowledgeBase } from '../../../shared/voice/answers/knowledgeBase.ts';
import { AssistantAnswers } from '../../../shared/voice/assistant/assistantAnswers.ts';
import { vapiFaults } from '../../../shared/voice/assistant/vapiFaults.ts';
import type { Tenant } from '../../../shared/voice/tenants/tenant.ts';
import { builtInToolNames } from '../../../shared/voice/tools/builtInNames.ts';
import { builtInTools } from '../../../shared/voice/tools/builtInTools.ts';
import { acme, createVoice, now, sampleMessage, voiceSettings } from '../../support/voice.ts';
import { anyTenant, anyText, anyTime } from './anyTenant.ts';
import { violations } from './violations.ts';

const voice = await createVoice();
const tools = fixedSource(
  builtInTools({
    leads: voice.leads,
    calls: voice.calls,
    events: voice.events,
    tenants: voice.tenants,
  }),
);

it('the tools of the deployment are those of the list', () => {
  expect(tools.current().tools.map(({ name }) => name)).toEqual(builtInToolNames);
});

/** What an assistant-request of the tenant's line is answered with. */
function assistantAnswer(tenant: Tenant, time: Date, env?: Record<string, string>): unknown {
  const answers = new AssistantAnswers({ settings: voiceSettings(env), tools });
  const body = answers.answer({ kind: 'found', tenant, source: 'store' }, time);
  return typeof body === 'string' ? JSON.parse(body) : body;
}

const said = fc.oneof(
  anyText(300),
  fc.constantFrom('this is an emergency', 'I smell gas', 'the invoice', 'is there parking?'),
);
const conversation = said.map((content) => ({ messagesOpenAIFormatted: [{ role: 'user', content }] }));

describe('assistant-request', () => {
  it('is answered with what Vapi takes, whatever a right tenant says and whenever it is', () => {
    fc.assert(
      fc.property(anyTenant, anyTime, (tenant, time) => {
        expect(vapiFaults(tenant)).toEqual([]);
        const answer = assistantAnswer(tenant, time) as Record<string, unknown>;
        expect(Object.keys(answer)).toEqual(['assistant']);
        expect(violations(answer, 'ServerMessageResponseAssistantRequest')).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  const line = { type: 'assistant-request', phoneNumber: { id: 'elsewhere' } };
  const forward = {
    GATEHOUSE_UNKNOWN_TENANT: 'forward',
    GATEHOUSE_UNKNOWN_TENANT_FORWARD_TO: '+61255501111',
  };
  it.each([
    ['error', {}],
    ['destination', forward],
    ['error', { ...forward, GATEHOUSE_UNKNOWN_TENANT_FORWARD_TO: '0255501111' }],
    ['assistant', { GATEHOUSE_UNKNOWN_TENANT: 'generic' }],
  ])('of an unknown line is answered with %s: %j', async (member, env: Record<string, string>) => {
    const { answer } = await createVoice({ env });
    const { status, body } = await answer(line);
    expect([status, Object.keys(body)]).toEqual([200, [member]]);
    expect(violations(body, 'ServerMessageResponseAssistantRequest')).toEqual([]);
  });

  it.each([
    ['error', {}],
    ['destination', { GATEHOUSE_OVER_LIMIT_FORWARD_TO: '+61255501111' }],
  ])('over a limit is answered with %s', (member, env: Record<string, string>) => {
    const body = new AssistantAnswers({ settings: voiceSettings(env), tools }).overLimit();
    expect(Object.keys(body)).toEqual([member]);
    expect(violations(body, 'ServerMessageResponseAssistantRequest')).toEqual([]);
  });
});

describe('requests for a destination', () => {
  it('are answered with what Vapi takes', () => {
    fc.assert(
      fc.property(anyTenant, conversation, anyTime, anyText(80), (tenant, message, time, asked) => {
        const transfer = answerTransfer(tenant, message, time);
        expect(Object.keys(transfer)).toHaveLength(1);
        expect(violations(transfer, 'ServerMessageResponseTransferDestinationRequest')).toEqual([]);
        const handoff = answerHandoff(tenant, { ...message, parameters: { asked } }, time);
        expect(violations(handoff, 'ServerMessageResponseHandoffDestinationRequest')).toEqual([]);
        // The SDK takes any object as a destination; one that is not empty is an assistant (contract, section 4).
        if ('error' in handoff) expect(handoff.destination).toEqual({});
        else expect(violations(handoff.destination, 'HandoffDestinationAssistant')).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });
});

describe('knowledge-base-request', () => {
  it('is answered with what Vapi takes, and with words of the business that fit', () => {
    fc.assert(
      fc.property(anyTenant, said, fc.nat(), (tenant, words, pick) => {
        const own = tenant.faq[pick % Math.max(1, tenant.faq.length)]?.question ?? words;
        const message = { messagesOpenAIFormatted: [{ role: 'user', content: own }] };
        const body = answerKnowledgeBase(tenant, message);
        expect(violations(body, 'ServerMessageResponseKnowledgeBaseRequest')).toEqual([]);
        expect(body.documents.length).toBeLessThanOrEqual(5);
      }),
      { numRuns: 60 },
    );
  });
});

describe('call.endpointing.request', () => {
  it('is answered with a time, whatever was said', () => {
    const role = fc.constantFrom('user', 'assistant', 'bot', 'system');
    const turns = fc.array(fc.record({ role, content: said }), { maxLength: 4 });
    fc.assert(
      fc.property(turns, (messages) => {
        const body = answerEndpointing({ messages });
        expect(violations(body, 'ServerMessageResponseCallEndpointingRequest')).toEqual([]);
      }),
    );
  });
});

describe('campaign.predial', () => {
  it('is answered with yes or no', async () => {
    const { phoneNumber } = sampleMessage('assistant-request');
    for (const contact of [{ number: '+61491570156' }, { number: 'x' }, null]) {
      const { body } = await voice.answer({ type: 'campaign.predial', phoneNumber, contact });
      expect(violations(body, 'ServerMessageResponseCampaignPredial')).toEqual([]);
      expect(body).toEqual({ eligible: contact?.number === '+61491570156' });
    }
  });
});

describe('voice-request', () => {
  it('is refused, as Vapi takes nothing but sound', async () => {
    const asked = voice.answer({ type: 'voice-request', text: 'hello', sampleRate: 24_000 });
    await expect(asked).rejects.toMatchObject({ code: 'not-offered', status: 501 });
  });
});

const echo = defineTool({
  name: 'echo',
  description: 'Gives back whatever it is told.',
  input: z.object({ what: z.unknown() }),
  run: async ({ what }) => what,
});

describe('tool calls', () => {
  const id = fc.oneof(fc.constantFrom('call_1', 'toolu_2', ' x '), fc.string({ maxLength: 20 }));
  const name = fc.constantFrom('echo', 'echo', 'create_lead', 'lookup_faq', 'get_business_hours', 'fly', '');
  const args = fc.oneof(
    fc.record({ what: fc.oneof(anyText(100), anyText(2_000), fc.jsonValue({ maxDepth: 2 })) }),
    fc.record({ service: anyText(100), notes: anyText(100) }),
    fc.record({ question: anyText(100) }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  const spoken = fc.record({ id, name: fc.constant('echo'), args: fc.record({ what: anyText(300) }) });
  const calls = fc.array(fc.oneof(fc.record({ id, name, args }), spoken), { maxLength: 5 });

  it('are answered with one entry each, in their order, of what Vapi takes', async () => {
    const { answer } = await createVoice({ tools: [echo] });
    await fc.assert(
      fc.asyncProperty(calls, fc.boolean(), async (given, isKnown) => {
        const toolCallList = given.map((one) => ({
          id: one.id,
          type: 'function',
          function: { name: one.name, arguments: one.args },
        }));
        const line = isKnown ? {} : { phoneNumber: { id: 'elsewhere' }, call: { id: 'c' } };
        const { status, body } = await answer(
          sampleMessage('tool-calls', { toolCallList, toolCalls: [], toolWithToolCallList: [], ...line }),
        );
        expect(status).toBe(200);
        expect(violations(body, 'ServerMessageResponseToolCalls')).toEqual([]);
        const results = body.results as { toolCallId: string; name: string }[];
        expect(results.map((entry) => [entry.toolCallId, entry.name])).toEqual(
          given.map((one) => [one.id, one.name.trim()]),
        );
      }),
      { numRuns: 100 },
    );
  });

  it.each(['', ' \n ', null, undefined])(
    'are answered though the tool gives nothing: %j',
    async (nothing) => {
      const { answer } = await createVoice({ tools: [{ ...echo, run: async () => nothing }] });
      const call = { id: 'a', type: 'function', function: { name: 'echo', arguments: { what: 'x' } } };
      const { body } = await answer(
        sampleMessage('tool-calls', { toolCallList: [call], toolCalls: [], toolWithToolCallList: [] }),
      );
      expect(body).toEqual({ results: [{ name: 'echo', toolCallId: 'a', result: 'Done.' }] });
    },
  );

  // Not in the SDK any more: Vapi's documents of October 2024 show {"result": "<text>"} (contract, section 2).
  it('of the form of 2024 are answered with the one result as text', async () => {
    const { answer } = await createVoice({ tools: [echo] });
    await fc.assert(
      fc.asyncProperty(name, args, async (called, parameters) => {
        const message = sampleMessage('tool-calls', { functionCall: { name: called, parameters } });
        const { status, body } = await answer({ ...message, type: 'function-call' });
        expect(status).toBe(200);
        expect(body).toEqual(called === '' ? {} : { result: expect.stringMatching(/^[^\r\n]+$/) });
      }),
      { numRuns: 60 },
    );
  });
});

describe('functions of a tool', () => {
  const kinds: Record<string, z.ZodType> = {
    choice: z.union([z.string(), z.number()]),
    words: z.union([z.literal('a'), z.literal('b')]),
    nothing: z.string().nullable(),
    anything: z.unknown(),
    address: z.url(),
    day: z.iso.date(),
    pair: z.tuple([z.string(), z.number()]),
    list: z.array(z.object({ deep: z.array(z.literal(3)).optional() })),
    map: z.record(z.string(), z.number()),
    levels: z.union([z.literal(1), z.literal(2)]),
    both: z.object({ a: z.string() }).and(z.object({ b: z.string() })),
    counted: z.int().min(1).default(3),
  };

  it('are of what Vapi takes, whatever their arguments are', () => {
    const input = fc
      .subarray(Object.keys(kinds))
      .map((names) =>
        z
          .object(Object.fromEntries(names.map((name) => [name, kinds[name] ?? z.string()])))
          .describe('all of it'),
      );
    fc.assert(
      fc.property(
        input,
        fc.string({ unit: 'grapheme', maxLength: 2_000, size: 'max' }),
        (given, description) => {
          const tool: Tool = defineTool({ name: 'look', description, input: given, run: async () => null });
          const answers = new AssistantAnswers({ settings: voiceSettings(), tools: fixedSource([tool]) });
          const tenant = { ...acme, tools: { ...acme.tools, functions: ['look'] } };
          const json = answers.answer({ kind: 'found', tenant, source: 'store' }, now);
          const body = JSON.parse(String(json)) as { assistant: { model: { tools: unknown[] } } };
          expect(body.assistant.model.tools[0]).toHaveProperty('function.name', 'look');
          expect(violations(body, 'ServerMessageResponseAssistantRequest')).toEqual([]);
        },
      ),
    );
  });
});
