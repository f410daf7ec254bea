import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReport } from '../../../shared/voice/messages/endOfCallReport.ts';
import { readDelivery } from '../../../shared/voice/messages/envelope.ts';
import { readToolCalls } from '../../../shared/voice/messages/toolCalls.ts';
import { sampleMessage } from '../../support/voice.ts';

describe('readDelivery', () => {
  it('finds line and caller at message level', () => {
    expect(readDelivery({ message: sampleMessage('assistant-request') })).toMatchObject({
      type: 'assistant-request',
      call: {
        callId: '0c8a6a52-6f1e-4f0e-9a61-5d2c7e3b9f01',
        phoneNumberId: '5f0c1d7e-3a52-4c1b-9d84-6f2f0a7b1c11',
        dialledNumber: '+61255501234',
        callerNumber: '+61491570156',
        assistantId: undefined,
        createdAt: '2026-11-20T21:04:11.318Z',
      },
    });
  });

  it('falls back to the call object', () => {
    const call = {
      id: 'c',
      phoneNumberId: 'p',
      phoneNumber: { number: '+1' },
      customer: { number: '+2' },
      assistantId: 'a',
    };
    expect(readDelivery({ message: { type: 'hang', call } }).call).toMatchObject({
      phoneNumberId: 'p',
      dialledNumber: '+1',
      callerNumber: '+2',
      assistantId: 'a',
    });
  });

  it('treats null, wrong types and empty texts as missing', () => {
    const message = {
      type: 'hang',
      call: { id: null, phoneNumberId: 7, assistantId: '' },
      customer: 'x',
      phoneNumber: null,
    };
    expect(Object.values(readDelivery({ message }).call).every((value) => value === undefined)).toBe(true);
  });

  it('knows tool-calls without a type, as the schema allows', () => {
    for (const message of [
      { toolCallList: [] },
      { type: null, toolCalls: [] },
      { toolWithToolCallList: [] },
    ]) {
      expect(readDelivery({ message }).type).toBe('tool-calls');
    }
  });

  it.each([
    [null],
    [[]],
    ['x'],
    [{}],
    [{ message: null }],
    [{ message: { type: 7 } }],
    [{ message: { type: '' } }],
    [{ message: [] }],
  ])('refuses %j', (body) => {
    expect(() => readDelivery(body)).toThrow('Send a Vapi server message');
  });
});

const args = { city: 'Ballina' };
const nested = { id: 'call_1', type: 'function', function: { name: 'look_up', arguments: args } };
const shapes: Record<string, Record<string, unknown>> = {
  'toolCallList, arguments an object': { toolCallList: [nested] },
  'toolCallList, arguments JSON text': {
    toolCallList: [{ ...nested, function: { name: 'look_up', arguments: JSON.stringify(args) } }],
  },
  'toolCalls only': { toolCalls: [nested] },
  'an empty list beside a full one': { toolCallList: [], toolCalls: [nested] },
  'flat with parameters': { toolCallList: [{ id: 'call_1', name: 'look_up', parameters: args }] },
  'flat with arguments': { toolCallList: [{ id: 'call_1', name: 'look_up', arguments: args }] },
  'function.parameters': {
    toolCallList: [{ id: 'call_1', function: { name: 'look_up', parameters: args } }],
  },
  toolWithToolCallList: {
    toolWithToolCallList: [{ type: 'function', function: { name: 'look_up' }, toolCall: nested }],
  },
  'toolWithToolCallList, name at the tool': {
    toolWithToolCallList: [{ name: 'look_up', toolCall: { id: 'call_1', parameters: args } }],
  },
};

describe('readToolCalls', () => {
  it.each(Object.keys(shapes))('%s', (shape) => {
    const [call, ...more] = readToolCalls(shapes[shape] ?? {});
    expect(more).toEqual([]);
    expect(call).toMatchObject({ id: 'call_1', name: 'look_up' });
    expect(typeof call?.args === 'string' ? JSON.parse(call.args) : call?.args).toEqual(args);
  });

  it('keeps several calls in order', () => {
    expect(readToolCalls({ toolCallList: [nested, { ...nested, id: 'call_2' }] }).map((c) => c.id)).toEqual([
      'call_1',
      'call_2',
    ]);
  });

  it('echoes ids to the letter', () => {
    expect(
      readToolCalls({
        toolCallList: [
          { ...nested, id: ' call_1 ' },
          { ...nested, id: 7 },
        ],
      }).map((c) => c.id),
    ).toEqual([' call_1 ', '7']);
  });

  it('gives an entry for one it cannot read, and none where there are none', () => {
    expect(readToolCalls({ toolCallList: [7, { function: null }] })).toEqual([
      { id: '', name: '', args: undefined },
      { id: '', name: '', args: undefined },
    ]);
    expect(readToolCalls({ toolCallList: 'x' })).toEqual([]);
  });

  it('never throws, whatever an object holds', () => {
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.constantFrom('toolCallList', 'toolCalls', 'toolWithToolCallList', 'other'),
          fc.jsonValue(),
        ),
        (message) => {
          for (const call of readToolCalls(message)) expect(typeof call.name).toBe('string');
        },
      ),
    );
  });
});

describe('readReport', () => {
  it('reads the message, not its stale call', () => {
    expect(
      readReport(sampleMessage('end-of-call-report', { call: { endedReason: 'stale', startedAt: 'x' } })),
    ).toEqual({
      endedReason: 'customer-ended-call',
      startedAt: '2026-11-20T21:04:12.104Z',
      endedAt: '2026-11-20T21:04:50.114Z',
      durationSeconds: 38.01,
      costUsd: 0.0731,
      summary: expect.stringContaining('Sam in Marrickville'),
      successEvaluation: 'true',
    });
  });

  it('computes what older shapes leave out', () => {
    const report = readReport({
      startedAt: '2024-07-27T20:03:26.000Z',
      endedAt: '2024-07-27T20:04:06.500Z',
      summary: 'old place',
      analysis: null,
    });
    expect(report).toMatchObject({
      endedReason: 'unknown',
      durationSeconds: 40.5,
      summary: 'old place',
      costUsd: undefined,
    });
    expect(readReport({ analysis: { successEvaluation: { score: 1 } } }).successEvaluation).toBe(
      '{"score":1}',
    );
    expect(readReport({ timestamp: 1795208697005 }).endedAt).toBe('2026-11-20T21:04:57.005Z');
    expect(readReport({ startedAt: 'x', endedAt: 'y', durationSeconds: null })).toMatchObject({
      startedAt: undefined,
      durationSeconds: undefined,
    });
  });
});
