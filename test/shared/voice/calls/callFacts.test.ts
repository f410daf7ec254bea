import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lastingFacts, outcomeFacts } from '../../../../shared/voice/calls/callFacts.ts';
import { toColumns } from '../../../../shared/voice/calls/callRow.ts';
import { delivery, factsOf, receivedAt } from './deliveries.ts';

const columnsOf = (...given: Parameters<typeof delivery>) => toColumns(factsOf(delivery(...given)));

describe('lastingFacts', () => {
  it('tells who called whom', () => {
    expect(
      columnsOf('status-update', 1, {
        status: 'queued',
        phoneNumber: { id: 'line-1', number: '+61255501234' },
        call: { id: 'c', type: 'webCall', createdAt: '2026-11-20T21:00:00Z', assistantId: 'a-1' },
      }),
    ).toMatchObject({
      status: 'queued',
      queuedAt: '2026-11-20T21:04:13.000Z',
      callType: 'webCall',
      callerNumber: '+61491570156',
      dialledNumber: '+61255501234',
      phoneNumberId: 'line-1',
      assistantId: 'a-1',
      createdAt: '2026-11-20T21:00:00.000Z',
    });
  });

  it('keeps of a forwarding the kind of destination, never the number', () => {
    const members = { status: 'forwarding', destination: { type: 'number', number: '+61255509999' } };
    const columns = columnsOf('status-update', 3, members);
    expect(columns).toMatchObject({ forwardedTo: 'number', forwardedAt: '2026-11-20T21:04:15.000Z' });
    expect(JSON.stringify(columns)).not.toContain('255509999');
    const odd = columnsOf('status-update', 3, {
      status: 'forwarding',
      destination: { type: '+61255509999' },
    });
    expect(JSON.stringify(odd)).not.toContain('255509999');
  });

  it('keeps why an inbound call was not accepted, without numbers and without the answer', () => {
    const columns = columnsOf('status-update', 3, {
      status: 'ended',
      endedReason: 'assistant-request-returned-invalid-assistant',
      inboundPhoneCallDebuggingArtifacts: {
        error: "Couldn't get assistant for +61 2 5550 9999.",
        assistantRequestError: { message: 'Invalid Assistant.' },
        assistantRequestResponse: { assistant: { firstMessage: 'secret words' } },
      },
    });
    expect(columns).toMatchObject({
      endedReason: 'assistant-request-returned-invalid-assistant',
      inboundError: "Couldn't get assistant for [number].\nInvalid Assistant.",
    });
    expect(JSON.stringify(columns)).not.toContain('secret words');
  });

  it.each([
    ['assistant.started', { status: 'in-progress', assistantStartedAt: '2026-11-20T21:04:14.000Z' }],
    ['call.deleted', { deletedAt: '2026-11-20T21:04:14.000Z' }],
    ['call.delete.failed', { deletionFailedAt: '2026-11-20T21:04:14.000Z' }],
    ['hang', { hangs: 1 }],
    ['transfer-update', { transfers: 1, transferKinds: 'unknown' }],
  ])('of %s', (type, expected) => {
    expect(columnsOf(type, 2)).toMatchObject(expected);
  });

  it('is nothing for messages of the moment, of text conversations, for questions and for reports', () => {
    for (const type of [
      'assistant-request',
      'speech-update',
      'transcript',
      'conversation-update',
      'tool-calls',
      'session.created',
      'chat.created',
      'never-heard-of',
      'end-of-call-report',
    ])
      expect(lastingFacts(delivery(type, 1), receivedAt), type).toBeUndefined();
  });

  it('takes the time of receipt for a message without one, or with an impossible one', () => {
    for (const timestamp of [undefined, null, 7, 8e15, '-000001-01-01T00:00:00Z', 'soon'])
      expect(columnsOf('status-update', 1, { timestamp, status: 'ringing' })).toMatchObject({
        ringingAt: receivedAt.toISOString(),
      });
    expect(
      columnsOf('status-update', 1, { timestamp: '2024-07-27T20:03:26.000Z', status: 'ringing' }),
    ).toMatchObject({ ringingAt: '2024-07-27T20:03:26.000Z' });
  });

  it('reads any object without a throw, and fits a row', () => {
    const types = ['status-update', 'transfer-update', 'hang', 'call.artifact.upload', 'assistant.started'];
    const names = [
      ...[
        'status',
        'endedReason',
        'destination',
        'artifacts',
        'toAssistant',
        'timestamp',
        'call',
        'customer',
      ],
      'inboundPhoneCallDebuggingArtifacts',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...types),
        fc.dictionary(fc.constantFrom(...names), fc.jsonValue()),
        (type, members) => {
          const columns = columnsOf(type, 1, members);
          for (const value of Object.values(columns)) expect(String(value).length).toBeLessThan(32_000);
        },
      ),
    );
  });
});

describe('outcomeFacts', () => {
  it('are cut to what a row holds', () => {
    const columns = toColumns(outcomeFacts('booked', 'n'.repeat(40_000), receivedAt));
    expect(columns).toMatchObject({ outcome: 'booked', outcomeNote: 'n'.repeat(30_000) });
  });
});
