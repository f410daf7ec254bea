import type { Vapi } from '@vapi-ai/server-sdk';
import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { soundsUrgent } from '../../../shared/voice/answers/destinations.ts';
import { answerEndpointing } from '../../../shared/voice/answers/endpointing.ts';
import type {
  nativeTools,
  toHandoff,
  toVapiDestination,
} from '../../../shared/voice/assistant/nativeTools.ts';
import { searchKnowledge } from '../../../shared/voice/knowledge/tenantKnowledge.ts';
import { lastWanted, turnsOf } from '../../../shared/voice/messages/conversation.ts';
import { tenantSchema } from '../../../shared/voice/tenants/tenant.ts';
import { acme, createVoice, now, sampleMessage } from '../../support/voice.ts';

const tenant = tenantSchema.parse({
  ...acme,
  businessHours: undefined,
  hours: { saturday: [{ open: '08:00', close: '12:00' }] },
  services: [
    { name: 'Blocked drains', description: 'kitchen and bathroom', price: 'from 120 dollars' },
    'Hot water repairs',
  ],
  address: '3 Pipe Lane, Sydney',
  faq: [
    { question: 'Do you take credit cards?', answer: 'Yes, Visa and Mastercard.' },
    { question: 'Is there parking?', answer: 'There is parking behind the building.' },
    { question: 'Do you work on weekends?', answer: 'On Saturday mornings.' },
  ],
  transfer: {
    destinations: [
      { name: 'Office', number: '+61255501111', hours: 'open', extension: '12', message: '' },
      { name: 'Accounts', description: 'invoices', sipUri: 'sip:accounts@example.com' },
      { name: 'On-call plumber', number: '+61255503333', urgency: 'emergency' },
      { name: 'Billing assistant', description: 'billing and refunds', assistantId: 'asst_billing' },
    ],
  },
});

const user = (content: string) => [{ role: 'user', content }];
const voice = () => createVoice({ tenants: [tenant] });
const line = { phoneNumber: sampleMessage('assistant-request').phoneNumber };
const ask = async (message: Record<string, unknown>) =>
  (await (await voice()).answer({ ...line, ...message })).body;

describe('transfer-destination-request', () => {
  it.each([
    ['I want to talk to somebody', { type: 'number', number: '+61255501111', extension: '12', message: '' }],
    ['It is about my INVOICE', { type: 'sip', sipUri: 'sip:accounts@example.com' }],
    ['This is an emergency!', { type: 'number', number: '+61255503333' }],
    ['I can smell gas in the kitchen', { type: 'number', number: '+61255503333' }],
  ])('for "%s" is where somebody can be reached', async (said, expected) => {
    const body = await ask({ type: 'transfer-destination-request', messagesOpenAIFormatted: user(said) });
    expect(body.destination).toMatchObject(expected);
  });

  it('says so where nobody can be reached, and where nobody knows the line', async () => {
    const none = { ...tenant, transfer: { destinations: [] } };
    const { answer } = await createVoice({ tenants: [none] });
    const { body } = await answer({ type: 'transfer-destination-request', ...line });
    expect(body).toEqual({ error: expect.stringContaining('Offer to take a message') });
    expect(await ask({ type: 'transfer-destination-request', phoneNumber: { id: 'else' } })).toEqual(body);
  });

  it("is of Vapi's own types", () => {
    type Given = ReturnType<typeof toVapiDestination>;
    expectTypeOf<Given>().toExtend<Vapi.ServerMessageResponseTransferDestinationRequestDestination>();
    expectTypeOf<ReturnType<typeof toHandoff>>().toExtend<Vapi.HandoffDestinationAssistant>();
    type Tools = NonNullable<Vapi.OpenAiModel['tools']>[number];
    expectTypeOf<ReturnType<typeof nativeTools>[number]>().toExtend<Tools>();
  });
});

describe('handoff-destination-request', () => {
  it('hands over to the assistant that is asked for', async () => {
    expect(await ask({ type: 'handoff-destination-request', parameters: { department: 'refunds' } })).toEqual(
      {
        destination: { type: 'assistant', assistantId: 'asst_billing', description: 'billing and refunds' },
      },
    );
  });

  it('hands over to nobody where there is no assistant', async () => {
    const { answer } = await createVoice();
    const { body } = await answer({ type: 'handoff-destination-request', ...line, parameters: {} });
    expect(body).toEqual({ destination: {}, error: expect.any(String) });
  });
});

describe('knowledge-base-request', () => {
  it.each([
    ['where can I park my car', 'There is parking behind the building.'],
    ['can I pay with a credit card', 'Yes, Visa and Mastercard.'],
    ['how much for a blocked drain', 'Price: from 120 dollars'],
    ["what's your address", '3 Pipe Lane'],
  ])('"%s" finds "%s" first', async (question, expected) => {
    const body = await ask({ type: 'knowledge-base-request', messagesOpenAIFormatted: user(question) });
    const documents = body.documents as Vapi.KnowledgeBaseResponseDocument[];
    expect(documents[0]?.content).toContain(expected);
    expect(documents.map(({ similarity }) => similarity)).toEqual(
      [...documents].map(({ similarity }) => similarity).sort((a, b) => b - a),
    );
  });

  it('finds nothing where nothing fits', async () => {
    const body = await ask({ type: 'knowledge-base-request', messages: user('quantum chromodynamics') });
    expect(body).toEqual({ documents: [] });
  });

  it('gives similarities from 0 to 1, its own question the most', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 40 }), (question) => {
        for (const { similarity } of searchKnowledge(tenant, question, 10)) {
          expect(similarity).toBeGreaterThan(0);
          expect(similarity).toBeLessThanOrEqual(1);
        }
      }),
    );
    expect(searchKnowledge(tenant, 'Is there parking?', 1)[0]?.similarity).toBe(1);
  });
});

describe('call.endpointing.request', () => {
  const turn = (asked: string, said: string) =>
    answerEndpointing({
      messagesOpenAIFormatted: [
        { role: 'system', content: 'prompt?' },
        { role: 'assistant', content: asked },
        { role: 'user', content: said },
      ],
    }).timeoutSeconds;

  it.each([
    ['How can I help?', 'My drain is blocked.', 0.1],
    ['How can I help?', 'My drain is blocked and', 1.5],
    ['How can I help?', 'My drain', 1.5],
    ['How many?', 'about 12', 0.5],
    ['What is your phone number?', 'oh four one', 2.5],
    ['Thanks, I have your number.', 'Good.', 0.1],
  ])('after "%s" and "%s" waits %d s', (asked, said, expected) => {
    expect(turn(asked, said)).toBe(expected);
  });

  it('waits also where nothing was said', async () => {
    expect(await ask({ type: 'call.endpointing.request' })).toEqual({ timeoutSeconds: 1.5 });
  });
});

describe('campaign.predial', () => {
  const contact = { number: '+61255509999' };

  it('dials who is on no list, of the tenant or of everyone', async () => {
    const { answer, doNotCall } = await voice();
    const eligible = async () => (await answer({ type: 'campaign.predial', ...line, contact })).body;
    expect(await eligible()).toEqual({ eligible: true });
    await doNotCall.add('acme', contact.number, now);
    expect(await eligible()).toEqual({ eligible: false });
    await doNotCall.remove('acme', contact.number);
    await doNotCall.add('another', contact.number, now);
    expect(await eligible()).toEqual({ eligible: true });
    await doNotCall.add(undefined, contact.number, now);
    expect(await eligible()).toEqual({ eligible: false });
  });

  it('dials nobody when in doubt', async () => {
    const { answer, doNotCall, lines } = await voice();
    const eligible = async (members: object) =>
      (await answer({ type: 'campaign.predial', ...line, ...members })).body.eligible;
    expect(await eligible({ contact })).toBe(true);
    expect(await eligible({})).toBe(false);
    expect(await eligible({ contact: { number: '0255 509 999' } })).toBe(false);
    expect(await eligible({ contact, phoneNumber: { id: 'nobody' } })).toBe(false);
    await doNotCall.add('acme', contact.number, now);
    expect(await eligible({ contact: { number: '+61 2 5550-9999' } })).toBe(false);
    await doNotCall.remove('acme', contact.number);
    doNotCall.has = () => Promise.reject(new Error('gone'));
    expect(await eligible({ contact })).toBe(false);
    expect(lines.map(({ event }) => event)).toContain('do-not-call-unavailable');
  });
});

describe('function-call', () => {
  it('is answered with the result of its one function', async () => {
    const call = { name: 'get_business_hours', parameters: '{}' };
    const body = await ask({ type: 'function-call', functionCall: call });
    expect(JSON.parse(String(body.result))).toMatchObject({ now: 'open until noon' });
    expect(await ask({ type: 'function-call', functionCall: { name: 'nothing' } })).toEqual({
      result: 'Unknown tool: nothing.',
    });
    expect(await ask({ type: 'function-call' })).toEqual({});
  });
});

describe('tools', () => {
  const run = async (name: string, args: object) => {
    const toolCallList = [{ id: 'call_1', function: { name, arguments: args } }];
    const body = await ask({ type: 'tool-calls', toolCallList });
    return (body.results as { result?: string; error?: string }[])[0];
  };

  it('look up what the business has written down', async () => {
    const found = await run('lookup_faq', { question: 'is there somewhere to park?' });
    expect(JSON.parse(found?.result ?? '')).toEqual({
      answers: ['Is there parking? There is parking behind the building.'],
    });
    const none = await run('lookup_faq', { question: 'zebra' });
    expect(JSON.parse(none?.result ?? '')).toMatchObject({ answers: [], advice: expect.any(String) });
  });

  it('add nothing of one withheld number to what another said', async () => {
    const { answer, leads } = await voice();
    for (const [i, caller_name] of ['Ann', 'Bob'].entries()) {
      const call = {
        id: `call_${i}`,
        function: { name: 'create_lead', arguments: { service: 'x', caller_name } },
      };
      await answer({
        ...line,
        type: 'tool-calls',
        call: { id: `c${i}` },
        customer: { number: '+266696687' },
        toolCallList: [call],
      });
    }
    const { items } = await leads.page('acme', { limit: 10 });
    expect(items.map(({ callerName }) => callerName).sort()).toEqual(['Ann', 'Bob']);
  });

  it('tell callers apart where calls have no ids, and take what is nested too deeply for nothing', async () => {
    const { answer, leads } = await voice();
    const ring = (number: string, timestamp: number) =>
      answer({
        ...line,
        type: 'function-call',
        timestamp,
        customer: { number },
        functionCall: { name: 'request_callback', parameters: {} },
      });
    await ring('+61255501111', 1);
    await ring('+61255502222', 1);
    await ring('+61255502222', 1);
    expect((await leads.page('acme', { limit: 10 })).items).toHaveLength(2);
    const bytes = Buffer.from(
      `{"message":{"type":"function-call","phoneNumber":${JSON.stringify(line.phoneNumber)},` +
        `"functionCall":{"name":"request_callback","parameters":{"deep":${'['.repeat(200_000)}${']'.repeat(200_000)}}}}}`,
    );
    const { webhook, log } = await voice();
    expect((await webhook.answer(bytes, log)).status).toBe(200);
  });

  it('note how the call went', async () => {
    const { answer, calls } = await voice();
    const args = { outcome: 'booked', note: 'Tuesday' };
    const toolCallList = [{ id: 'call_1', function: { name: 'log_call_outcome', arguments: args } }];
    await answer({ ...line, call: { id: 'c1' }, type: 'tool-calls', toolCallList });
    expect(await calls.get('acme', 'c1')).toMatchObject({ outcome: 'booked', outcomeNote: 'Tuesday' });
    const { body } = await answer({ ...line, type: 'tool-calls', toolCallList });
    expect(JSON.stringify(body)).toContain('no id');
  });

  it('run as many as a model can mean, and say so of the rest', async () => {
    const toolCallList = Array.from({ length: 40 }, (_, i) => ({ id: `c${i}`, name: 'get_business_hours' }));
    const body = await ask({ type: 'tool-calls', toolCallList });
    const results = body.results as { toolCallId: string; error?: string }[];
    expect(results.map(({ toolCallId }) => toolCallId)).toEqual(toolCallList.map(({ id }) => id));
    expect(results.filter(({ error }) => error)).toHaveLength(8);
  });
});

describe('status-update and its like', () => {
  const call = sampleMessage('end-of-call-report').call as { id: string };

  it('leave what lasts in the row of the call, whoever comes first', async () => {
    const { answer, calls } = await voice();
    const update = { ...line, call, type: 'status-update' };
    const ended = {
      ...update,
      status: 'ended',
      endedReason: 'customer-ended-call',
      timestamp: 1_795_000_000_000,
    };
    expect(await answer(ended)).toEqual({ status: 200, body: {} });
    await answer({ ...update, status: 'in-progress', timestamp: 1_794_999_000_000 });
    await answer({ ...line, call, type: 'hang', timestamp: 1_794_999_500_000 });
    expect(await calls.get('acme', call.id)).toMatchObject({
      status: 'ended',
      endedReason: 'customer-ended-call',
    });
    await answer({ ...update, phoneNumber: { id: 'nobody' }, call: { id: 'other' }, status: 'ringing' });
    expect(await calls.get('unassigned', 'other')).toMatchObject({ status: 'ringing' });
  });

  it('are not acknowledged where that could not be stored', async () => {
    const { answer, stores } = await voice();
    stores.tables.get = () => Promise.reject(new Error('gone'));
    await expect(answer({ ...line, call, type: 'status-update', status: 'ended' })).rejects.toMatchObject({
      code: 'storage-unavailable',
    });
    expect((await answer({ ...line, call, type: 'speech-update' })).status).toBe(200);
  });
});

describe('voice-request', () => {
  it('is not offered: with a 200 Vapi would play the answer', async () => {
    await expect(ask({ type: 'voice-request', text: 'hello', sampleRate: 16_000 })).rejects.toThrow(AppError);
    await expect(ask({ type: 'voice-request' })).rejects.toMatchObject({ status: 501 });
  });
});

describe('soundsUrgent', () => {
  it.each([
    ['it is an emergency', true],
    ['no, it is not an emergency, I have a billing question', false],
    ['a non-emergency', false],
    ['the software emerged', false],
    ['two emergencies', true],
    ['I smell gas', true],
    ['there is a smell', false],
    ['do you fit gas stoves', false],
  ])('"%s": %s', (said, expected) => {
    expect(soundsUrgent(acme, said)).toBe(expected);
  });
});

describe('turnsOf', () => {
  it.each([
    [{ messagesOpenAIFormatted: user('a') }],
    [{ messages: [{ role: 'user', message: 'a' }] }],
    [{ conversation: user('a') }],
    [{ artifact: { messagesOpenAIFormatted: user('a') } }],
    [{ messagesOpenAIFormatted: [], artifact: { messages: [{ role: 'user', message: 'a' }] } }],
  ])('reads %j', (message) => {
    expect(turnsOf(message)).toEqual([{ role: 'user', text: 'a' }]);
  });

  it('leaves out what is no turn', () => {
    const messages = [
      { role: 'system', content: 'x' },
      { role: 'bot', message: 'Hello' },
      { role: 'tool_calls', message: '' },
      { role: 'constructor', content: 'x' },
      null,
      ...['one', 'two', 'three', 'four'].map((content) => ({ role: 'user', content })),
    ];
    expect(turnsOf({ messages })[0]).toEqual({ role: 'assistant', text: 'Hello' });
    expect(lastWanted({ messages })).toBe('two three four');
  });
});

describe('any message', () => {
  it('gets an answer, whatever is in it', async () => {
    const { answer } = await voice();
    const types = [
      'assistant-request',
      'tool-calls',
      'function-call',
      'transfer-destination-request',
      'handoff-destination-request',
      'knowledge-base-request',
      'call.endpointing.request',
      'campaign.predial',
      'status-update',
      'constructor',
      'toString',
    ];
    const member = fc.oneof(
      fc.jsonValue({ maxDepth: 3 }),
      fc.array(fc.record({ role: fc.constantFrom('user', 'bot'), content: fc.jsonValue({ maxDepth: 1 }) })),
    );
    const names = ['call', 'phoneNumber', 'customer', 'toolCallList', 'toolWithToolCallList', 'functionCall'];
    const more = ['messages', 'messagesOpenAIFormatted', 'artifact', 'parameters', 'contact', 'timestamp'];
    const message = fc
      .dictionary(fc.constantFrom(...names, ...more), member, { maxKeys: 6 })
      .chain((members) => fc.constantFrom(...types).map((type) => ({ ...members, type })));
    await fc.assert(
      fc.asyncProperty(message, async (given) => {
        const { status, body } = await answer(given);
        expect(status).toBe(200);
        expect(typeof body).toBe('object');
      }),
      { numRuns: 300 },
    );
  });
});
