import { globSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { Ledger } from '../../../shared/usage/ledger/ledger.ts';
import { processEndOfCall } from '../../../shared/voice/calls/processEndOfCall.ts';
import { root } from '../../support/process.ts';
import { acme, createVoice, now, sampleMessage } from '../../support/voice.ts';
import { violations } from './violations.ts';

const folder = `${root}test/fixtures/vapi/`;
const line = { phoneNumber: sampleMessage('assistant-request').phoneNumber };
const messages = globSync('*/*.json', { cwd: folder })
  .sort()
  .map((file) => (JSON.parse(readFileSync(folder + file, 'utf8')) as { message?: unknown }).message)
  .filter((message): message is Record<string, unknown> => typeof message === 'object' && message !== null)
  .map((message): Record<string, unknown> => ({ ...message, ...line }));
const types = [...new Set(messages.flatMap(({ type }) => (typeof type === 'string' ? [type] : [])))];

const answers: Readonly<Record<string, string>> = {
  'assistant-request': 'ServerMessageResponseAssistantRequest',
  'tool-calls': 'ServerMessageResponseToolCalls',
  'transfer-destination-request': 'ServerMessageResponseTransferDestinationRequest',
  'handoff-destination-request': 'ServerMessageResponseHandoffDestinationRequest',
  'knowledge-base-request': 'ServerMessageResponseKnowledgeBaseRequest',
  'call.endpointing.request': 'ServerMessageResponseCallEndpointingRequest',
  'campaign.predial': 'ServerMessageResponseCampaignPredial',
};

const tenant = {
  ...acme,
  faq: [{ question: 'Is there parking?', answer: 'Yes.' }],
  transfer: {
    destinations: [
      { name: 'Office', number: '+61255501111', hours: 'always' as const, urgency: 'any' as const },
      { name: 'Sister', assistantId: 'asst_1', hours: 'always' as const, urgency: 'any' as const },
    ],
  },
};

/** Name and id of a call are given back to the letter, whatever they are. */
const echoed = /^\/results\/\d+\/(name|toolCallId): is no text$/;

/** Nobody on the line waits longer; on a busy machine an answer takes milliseconds. */
const longestMs = 5_000;

async function start() {
  const { webhook, stores, calls, tenants, events, log, lines } = await createVoice({ tenants: [tenant] });
  const ledger = new Ledger({ stores, instance: 'test', now: () => now });
  /** Sends a body as it stands, works on the ticket it may leave, and judges the answer by the type it was sent as. */
  return async (body: string, type: unknown) => {
    const began = performance.now();
    try {
      const answer = await webhook.answer(Buffer.from(body), log);
      const sent: unknown = typeof answer.body === 'string' ? JSON.parse(answer.body) : answer.jsonBody;
      expect(answer.status).toBe(200);
      const name = Object.hasOwn(answers, String(type)) ? answers[String(type)] : undefined;
      if (name !== undefined)
        expect(violations(sent, name).filter((violation) => !echoed.test(violation))).toEqual([]);
      else if (type === 'function-call') expect(JSON.stringify(sent)).toMatch(/^\{("result":".+")?\}$/);
      else expect(sent).toEqual({});
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      expect(error.code).toBe(type === 'voice-request' ? 'not-offered' : 'invalid-request');
      if (type !== 'voice-request')
        expect(type === undefined || typeof type !== 'string' || type === '').toBe(true);
    }
    const deps = { stores, calls, tenants, ledger, events, now: () => now };
    for (const ticket of stores.queues.drain('end-of-call'))
      await processEndOfCall(JSON.parse(ticket), deps, log);
    expect(performance.now() - began).toBeLessThan(longestMs);
    expect(lines.filter(({ event }) => event === 'assistant-not-built' || event === 'tool-failed')).toEqual(
      [],
    );
    lines.length = 0;
  };
}

/** The type a message says it is of; a list of calls says it without (contract, section 2). */
function sentAs(message: unknown): unknown {
  if (typeof message !== 'object' || message === null) return undefined;
  const { type, ...rest } = message as Record<string, unknown>;
  const isCalls = ['toolCallList', 'toolCalls', 'toolWithToolCallList'].some((name) =>
    Array.isArray(rest[name]),
  );
  return type ?? (isCalls ? 'tool-calls' : undefined);
}

/** Paths of everything in a JSON value, its own members and items. */
function pathsOf(value: unknown, at: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [at];
  return [at, ...Object.entries(value).flatMap(([key, member]) => pathsOf(member, [...at, key]))];
}

function replaced(value: unknown, [name, ...rest]: readonly string[], by: unknown): unknown {
  if (name === undefined) return by;
  if (typeof value !== 'object' || value === null) return by;
  const copy = (Array.isArray(value) ? [...value] : { ...value }) as Record<string, unknown>;
  copy[name] = replaced(copy[name], rest, by);
  return copy;
}

const wrong = fc.oneof(
  fc.constantFrom<unknown[]>(
    null,
    0,
    -1,
    1.5,
    9e15,
    1e300,
    true,
    '',
    ' ',
    'x',
    '\ud83d',
    '\0',
    '2026-13-45',
    [],
    {},
  ),
  fc.constantFrom<unknown[]>([[]], [null], [{}], { 0: 'x' }, { length: 5 }, { toString: 1 }, { message: {} }),
  fc.jsonValue({ maxDepth: 2 }),
);

describe('a message with wrong values in it', () => {
  it('gets an answer Vapi takes, wherever they are', async () => {
    const send = await start();
    const mutated = fc.constantFrom(...messages).chain((message) =>
      fc
        .array(fc.tuple(fc.constantFrom(...pathsOf(message).filter(({ length }) => length > 0)), wrong), {
          minLength: 1,
          maxLength: 3,
        })
        .map((changes) => changes.reduce<unknown>((at, [path, value]) => replaced(at, path, value), message)),
    );
    await fc.assert(
      fc.asyncProperty(mutated, async (message) => {
        await send(JSON.stringify({ message }), sentAs(message));
      }),
      { numRuns: 1_000 },
    );
  });

  it('gets an answer Vapi takes, whatever each of its members is', async () => {
    const send = await start();
    for (const message of messages) {
      for (const name of Object.keys(message)) {
        if (name === 'type') continue;
        for (const value of [null, 'x', 7, [null, 7, 'x', [], {}], { id: {}, number: [], toolCall: 7 }]) {
          const changed = { ...message, [name]: value };
          await send(JSON.stringify({ message: changed }), sentAs(changed));
        }
      }
    }
  });
});

describe('any JSON under message', () => {
  it('gets an answer, or is told that it is no message', async () => {
    const send = await start();
    const anything = fc.oneof(
      fc.jsonValue(),
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
      fc
        .tuple(
          fc.constantFrom(...types, 'constructor', '__proto__', 'hasOwnProperty'),
          fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })),
        )
        .map(([type, rest]) => ({ ...rest, ...line, type })),
    );
    await fc.assert(
      fc.asyncProperty(anything, async (message) => {
        await send(JSON.stringify({ message }), sentAs(message));
      }),
      { numRuns: 300 },
    );
  });
});

const members = [
  ...[
    'call',
    'customer',
    'artifact',
    'toolCallList',
    'toolCalls',
    'toolWithToolCallList',
    'functionCall',
    'parameters',
  ],
  ...[
    'messages',
    'messagesOpenAIFormatted',
    'conversation',
    'contact',
    'analysis',
    'costs',
    'artifacts',
    'destination',
  ],
];
const text = (message: object, name: string, json: string) =>
  `{"message":${JSON.stringify({ ...message, ...line }).slice(0, -1)},"${name}":${json}}}`;

/** More than the stack holds. */
const depth = 7_000;
/** Types whose members are read; of the others nothing but the call is. */
const works = new Set([...Object.keys(answers), 'function-call', 'end-of-call-report', 'status-update']);

describe.each(types)('%s', (type) => {
  it('is answered in time with members nested more deeply than the stack goes', async () => {
    const send = await start();
    for (const [open, close] of [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const) {
      const deep = `${open.repeat(depth)}1${close.repeat(depth)}`;
      const item = `[{"role":"user","content":${deep},"function":{"name":"create_lead","arguments":${deep}}}]`;
      const report = `{"structuredData":${deep},"successEvaluation":${deep}}`;
      const artifact = `{"messages":${deep},"transfers":[${deep}],"structuredOutputs":${deep}}`;
      for (const name of works.has(type) ? members : ['artifact', 'messages'])
        for (const json of open === '[' ? [deep, item] : [item]) await send(text({ type }, name, json), type);
      await send(text({ type }, 'analysis', report), type);
      await send(text({ type }, 'artifact', artifact), type);
    }
  });

  it('is answered in time with lists of very many', async () => {
    const send = await start();
    for (const name of works.has(type) ? members : ['artifact', 'messages']) {
      await send(text({ type }, name, JSON.stringify(Array(10_000).fill(null))), type);
      const item = {
        role: 'user',
        content: 'and',
        type: 'model',
        cost: 1,
        id: 'c',
        name: 'lookup_faq',
        success: true,
      };
      await send(text({ type }, name, JSON.stringify(Array(2_000).fill(item))), type);
    }
  });

  it('is answered with names in it that objects have of themselves', async () => {
    const send = await start();
    const names = ['__proto__', 'constructor', 'toString', 'prototype', 'then', 'toJSON', 'hasOwnProperty'];
    const own = names.map(
      (name) => `"${name}":{"id":"x","number":"+61255501111","type":"number","isAdmin":true}`,
    );
    for (const name of [...members, '__proto__', 'toJSON'])
      await send(text({ type }, name, `{${own.join(',')}}`), type);
    await send(text({ type }, 'messages', `[{${own.join(',')},"role":"__proto__","content":"x"}]`), type);
    expect(({} as Record<string, unknown>).isAdmin).toBeUndefined();
  });
});
