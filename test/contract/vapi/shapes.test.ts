import { globSync, readFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import type { Answer } from '../../../shared/http/answer.ts';
import { Ledger } from '../../../shared/usage/ledger/ledger.ts';
import { toView } from '../../../shared/voice/calls/callRow.ts';
import { processEndOfCall } from '../../../shared/voice/calls/processEndOfCall.ts';
import { tenantSchema } from '../../../shared/voice/tenants/tenant.ts';
import { root } from '../../support/process.ts';
import { createVoice, now } from '../../support/voice.ts';
import { resolved, sdkType, variantsOf } from './sdkTypes.ts';

const folder = `${root}test/fixtures/vapi/`;
const callId = '7c1d2e3f-4a5b-4c6d-8e7f-90a1b2c3d4e5';
const tenant = tenantSchema.parse({
  tenantId: 'shapes',
  businessName: 'Shapes',
  businessHours: 'always',
  services: ['Blocked drains'],
  phoneNumberIds: ['b0a1c2d3-e4f5-4061-8273-8495a6b7c8d9'],
  phoneNumbers: ['+61255507777'],
  faq: [{ question: 'Can I ask about my invoice?', answer: 'Yes, by email.' }],
  transfer: {
    destinations: [
      { name: 'Office', number: '+61255501111' },
      { name: 'Accounts', description: 'invoices', number: '+61255502222', extension: '12', message: '' },
      { name: 'Billing assistant', assistantId: 'asst_billing' },
    ],
  },
});

/** A delivery that is sent through the handler and, if it leaves a ticket, the queue function; and all that it leaves. */
async function deliver(bytes: Uint8Array) {
  const { webhook, stores, calls, leads, tenants, events, log } = await createVoice({ tenants: [tenant] });
  const ledger = new Ledger({ stores, instance: 'test', now: () => now });
  const answer = await webhook.answer(bytes, log).catch((error: unknown) => {
    if (error instanceof AppError) return { status: error.status, jsonBody: { error: error.code } };
    throw error;
  });
  for (const ticket of stores.queues.drain('end-of-call')) {
    const deps = { stores, calls, tenants, ledger, events, now: () => now };
    await processEndOfCall(JSON.parse(ticket), deps, log);
  }
  const row = await calls.get('shapes', callId);
  const text = (container: string) =>
    Promise.all(
      stores.blobs.names(container).map(async (name) => {
        const blob = await stores.blobs.get(container, name);
        return Buffer.from(blob ?? []).toString();
      }),
    );
  const { status, body, jsonBody }: Answer = answer;
  return {
    status,
    body: typeof body === 'string' ? (JSON.parse(body) as unknown) : jsonBody,
    call: row && toView(row),
    leads: await Array.fromAsync(leads.list('shapes')),
    transcripts: await text('transcripts'),
    inbox: stores.blobs.names('inbox'),
  };
}

const files = globSync('*/*.json', { cwd: folder }).sort();
const shapesOf = (fact: string) => files.filter((file) => dirname(file) === fact);
const facts = [...new Set(files.map((file) => dirname(file)))];
const ok = (body: unknown) => ({ status: 200, body });
const noted = ok({});
const refused = { status: 400, body: { error: 'invalid-request' } };
const lead = {
  leadId: 'lead_1',
  callId,
  callerNumber: '+61491570158',
  service: 'Blocked drains',
  urgency: 'today',
  suburb: 'Marrickville',
  callerName: 'Robin',
};

/** What each fact is answered with and leaves, in whatever shape it comes. */
const expected: Readonly<Record<string, object>> = {
  'one-lead': {
    ...ok({
      results: [{ name: 'create_lead', toolCallId: 'call_Ab3', result: '{"ok":true,"lead_id":"lead_1"}' }],
    }),
    leads: [lead],
  },
  'one-lead-of-2024': { ...ok({ result: '{"ok":true,"lead_id":"lead_1"}' }), leads: [lead] },
  ringing: {
    ...ok({
      assistant: expect.objectContaining({
        name: 'Shapes',
        metadata: { tenant_id: 'shapes', business_name: 'Shapes' },
      }),
    }),
    leads: [],
    call: undefined,
  },
  ended: {
    ...noted,
    call: {
      callId,
      callType: 'inboundPhoneCall',
      callerNumber: '+61491570158',
      dialledNumber: '+61255507777',
      phoneNumberId: 'b0a1c2d3-e4f5-4061-8273-8495a6b7c8d9',
      createdAt: '2026-11-20T21:04:11.318Z',
      status: 'ended',
      endedReason: 'customer-ended-call',
      endedAt: '2026-11-20T21:04:29.911Z',
    },
  },
  report: {
    ...noted,
    call: expect.objectContaining({
      callId,
      status: 'ended',
      endedReason: 'assistant-ended-call',
      startedAt: '2026-11-20T21:04:12.104Z',
      endedAt: '2026-11-20T21:04:50.114Z',
      reportedAt: '2026-11-20T21:04:57.005Z',
      durationSeconds: 38.01,
      costUsd: 0.0731,
      transportCostUsd: 0.0063,
      transcriberCostUsd: 0.0061,
      modelCostUsd: 0.0092,
      voiceCostUsd: 0.0198,
      vapiCostUsd: 0.0317,
      turns: 3,
      summary: 'A drain is blocked; the caller wants to be rung back.',
      successEvaluation: 'true',
      recordingUrl: 'https://storage.example.com/mono.wav',
      stereoRecordingUrl: 'https://storage.example.com/stereo.wav',
    }),
    transcripts: [
      'AI: Hi, thanks for calling. How can I help you?\nUser: My drain is blocked.\nAI: We will ring you back.',
    ],
    inbox: [],
  },
  'transfer-wanted': ok({
    destination: {
      type: 'number',
      number: '+61255502222',
      extension: '12',
      message: '',
      description: 'invoices',
    },
  }),
  'handoff-wanted': ok({
    destination: { type: 'assistant', assistantId: 'asst_billing', description: 'Billing assistant' },
  }),
  'question-asked': ok({
    documents: [{ content: 'Can I ask about my invoice? Yes, by email.', similarity: expect.any(Number) }],
  }),
  'turn-over': ok({ timeoutSeconds: 0.1 }),
  'contact-dialled': ok({ eligible: true }),
  hang: { ...noted, call: expect.objectContaining({ callId, hangs: 1 }) },
  transferred: { ...noted, call: expect.objectContaining({ callId, transfers: 1, transferKinds: 'number' }) },
  speaking: { ...noted, call: expect.objectContaining({ callId, status: 'in-progress' }) },
  'of-the-moment': { ...noted, call: undefined, leads: [], inbox: [] },
  'stored-artifacts': {
    ...noted,
    call: expect.objectContaining({ artifactsStored: 'recording-mono', artifactsFailed: 'pcap' }),
  },
  deleted: { ...noted, call: expect.objectContaining({ deletedAt: '2026-11-20T21:04:29.911Z' }) },
  'not-deleted': {
    ...noted,
    call: expect.objectContaining({ deletionFailedAt: '2026-11-20T21:04:29.911Z' }),
  },
  'speech-wanted': { status: 501, body: { error: 'not-offered' }, call: undefined },
  'no-message': { ...refused, call: undefined, leads: [], inbox: [] },
};

describe.each(facts)('%s', (fact) => {
  it.each(shapesOf(fact).map((file) => basename(file, '.json')))('as %s', async (shape) => {
    const left = await deliver(readFileSync(`${folder}${fact}/${shape}.json`));
    expect(expected).toHaveProperty(fact);
    expect(left).toMatchObject(expected[fact] ?? {});
    // All that is answered and left is the same as of the first shape of the fact.
    const [first = ''] = shapesOf(fact);
    expect(left).toEqual(await deliver(readFileSync(folder + first)));
  });
});

describe('the fixtures', () => {
  it('are of every type of message there is', () => {
    const messages = files.map((file) => {
      const { message } = JSON.parse(readFileSync(folder + file, 'utf8')) as { message?: { type?: string } };
      return message?.type;
    });
    const types = variantsOf(sdkType('ServerMessageMessage')).flatMap((variant) => {
      const type = variant.kind === 'members' ? variant.of.get('type')?.type : undefined;
      return type ? variantsOf(type) : [];
    });
    const words = types.map((type) => (type.kind === 'literal' ? String(type.value) : ''));
    expect(words.length).toBeGreaterThan(25);
    expect(words.filter((word) => !messages.includes(word))).toEqual([]);
    const listed = resolved(sdkType('CreateAssistantDtoServerMessagesItem'));
    const subscribed = listed.kind === 'union' ? listed.of : [];
    expect(
      subscribed.flatMap((type) =>
        type.kind === 'literal' && !messages.includes(String(type.value)) ? [type.value] : [],
      ),
    ).toEqual([]);
  });
});
