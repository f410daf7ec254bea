import type { Vapi } from '@vapi-ai/server-sdk';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { reportFacts } from '../../../../shared/voice/calls/callFacts.ts';
import { toColumns } from '../../../../shared/voice/calls/callRow.ts';
import { readReport } from '../../../../shared/voice/messages/endOfCallReport.ts';
import { readDelivery } from '../../../../shared/voice/messages/envelope.ts';
import { readReportDetails } from '../../../../shared/voice/messages/reportDetails.ts';
import { receivedAt } from './deliveries.ts';

function columnsOf(members: Record<string, unknown>) {
  const { message, call } = readDelivery({ message: { type: 'end-of-call-report', ...members } });
  return toColumns(
    reportFacts(call, readReport(message), readReportDetails(message), receivedAt.toISOString()),
  );
}

/** As the SDK's types say, which is what Vapi's own schema says. */
const typed: Partial<Vapi.ServerMessageEndOfCallReport> = {
  endedReason: 'customer-ended-call' as Vapi.ServerMessageEndOfCallReportEndedReason,
  timestamp: 1_795_208_697_005,
  startedAt: '2026-11-20T21:04:12.104Z',
  endedAt: '2026-11-20T21:04:50.114Z',
  cost: 0.0731,
  costs: [
    { type: 'transport', minutes: 0.6, cost: 0.0063 },
    { type: 'transcriber', transcriber: {}, minutes: 0.6, cost: 0.006 },
    { type: 'model', model: {}, promptTokens: 1, completionTokens: 1, cost: 0.0092 },
    { type: 'voice', voice: {}, characters: 5, cost: 0.011 },
    { type: 'vapi', subType: 'normal', minutes: 0.6, cost: 0.0317 },
    { type: 'vapi', subType: 'overage', minutes: 0.6, cost: 0.001 },
    {
      type: 'analysis',
      analysisType: 'summary',
      model: {},
      promptTokens: 1,
      completionTokens: 1,
      cost: 0.002,
    },
    { type: 'knowledge-base', model: {}, promptTokens: 1, completionTokens: 1, cost: 0.003 },
  ],
  analysis: { summary: 'A sink.', structuredData: { suburb: 'Enmore' }, successEvaluation: 'true' },
  destination: { type: 'number', number: '+61255509999' },
  artifact: {
    recording: { stereoUrl: 'https://r.example/s.wav', mono: { combinedUrl: 'https://r.example/m.wav' } },
    recordingUrl: 'https://r.example/old.wav',
    presignedMonoUrl: 'https://r.example/m.wav?sig=secret',
    transcript: 'AI: Hello.\nUser: Hi.',
    structuredOutputs: { id: { name: 'mood', result: 'fine' } },
    transfers: [
      {
        destination: { type: 'number', number: '+61255509999' },
        mode: 'blind-transfer',
        status: 'connected',
        transcript: 'secret',
      },
    ],
    performanceMetrics: {
      turnLatencies: [
        { turnLatency: 900, modelLatency: 400 },
        { turnLatency: 1500, modelLatency: 700 },
      ],
      turnLatencyAverage: 1200,
      voiceLatencyAverage: 210.12345,
      transcriberLatencyAverage: 120,
      endpointingLatencyAverage: 330,
      numAssistantInterrupted: 2,
      numUserInterrupted: 0,
    },
  },
};

describe('a report of today', () => {
  it('gives costs by kind, latency, recordings, data and transfers', () => {
    const columns = columnsOf(typed as Record<string, unknown>);
    expect(columns).toMatchObject({
      costUsd: 0.0731,
      transportCostUsd: 0.0063,
      transcriberCostUsd: 0.006,
      modelCostUsd: 0.0092,
      voiceCostUsd: 0.011,
      vapiCostUsd: 0.0327,
      analysisCostUsd: 0.002,
      knowledgeBaseCostUsd: 0.003,
      turnLatencyAverage: 1200,
      turnLatencyWorst: 1500,
      modelLatencyAverage: 550,
      voiceLatencyAverage: 210.123,
      transcriberLatencyAverage: 120,
      endpointingLatencyAverage: 330,
      assistantInterrupted: 2,
      userInterrupted: 0,
      recordingUrl: 'https://r.example/m.wav',
      stereoRecordingUrl: 'https://r.example/s.wav',
      structuredData: '{"suburb":"Enmore"}',
      structuredOutputs: '{"id":{"name":"mood","result":"fine"}}',
      forwardedTo: 'number',
      transferRecords: '[{"kind":"number","mode":"blind-transfer","status":"connected"}]',
      reportedAt: '2026-11-20T21:04:57.005Z',
    });
    expect(JSON.stringify(columns)).not.toMatch(/secret|255509999/);
    expect(readReportDetails(typed as Record<string, unknown>).transcript).toBe('AI: Hello.\nUser: Hi.');
  });

  it('leaves data that is too long for a row to the report as received', () => {
    const analysis = { structuredData: { words: 'x'.repeat(30_001) } };
    expect(readReportDetails({ analysis }).structuredData).toBeUndefined();
    expect(readReportDetails({ analysis: { structuredDataMulti: [{ a: 1 }] } }).structuredData).toBe(
      '[{"a":1}]',
    );
  });

  it('gives costs of a kind that is new, and takes none that is impossible', () => {
    const costs = [
      { type: 'moon', cost: 0.5 },
      { type: 'constructor', cost: 0.25 },
      { type: 'model', cost: -1 },
    ];
    const columns = columnsOf({ costs, cost: 1e300, durationSeconds: -5 });
    expect(columns).toMatchObject({ otherCostUsd: 0.75 });
    for (const name of ['modelCostUsd', 'costUsd', 'durationSeconds'])
      expect(columns).not.toHaveProperty(name);
  });
});

const spoken = [
  { role: 'system', message: 'You are an assistant.', time: 1 },
  { role: 'bot', message: 'Hi there.', time: 2, endTime: 3 },
  { role: 'bot', message: 'How can I help?', time: 4 },
  { role: 'user', message: 'A sink.', time: 5 },
  { role: 'tool_calls', toolCalls: [], message: 'x' },
  { role: 'bot', message: 'Sure.', time: 6 },
];
const said = 'AI: Hi there.\nAI: How can I help?\nUser: A sink.\nAI: Sure.';

describe('the shapes of earlier years', () => {
  it('of 2024-03: everything in the message, no artifact, no analysis, a stale call', () => {
    const members = {
      endedReason: 'customer-ended-call',
      transcript: 'AI: Bonjour.',
      summary: 'A greeting.',
      messages: spoken,
      recordingUrl: 'https://r.example/m.wav',
      stereoRecordingUrl: 'https://r.example/s.wav',
      call: {
        id: 'c',
        cost: 0,
        summary: null,
        endedReason: null,
        recordingUrl: null,
        createdAt: '2024-03-19T10:29:34.426Z',
      },
    };
    expect(columnsOf(members)).toMatchObject({
      endedReason: 'customer-ended-call',
      summary: 'A greeting.',
      recordingUrl: 'https://r.example/m.wav',
      stereoRecordingUrl: 'https://r.example/s.wav',
      turns: 3,
    });
    expect(columnsOf(members)).not.toHaveProperty('costUsd');
    expect(readReportDetails(members).transcript).toBe('AI: Bonjour.');
  });

  it('of 2024-07: an artifact with empty lists beside full ones, and an ISO timestamp', () => {
    const members = {
      timestamp: '2024-07-27T21:24:05.712Z',
      messages: spoken,
      artifact: { messages: [], messagesOpenAIFormatted: [] },
      analysis: { summary: 'Weather.', successEvaluation: 'true' },
    };
    expect(columnsOf(members)).toMatchObject({
      reportedAt: '2024-07-27T21:24:05.712Z',
      turns: 3,
      summary: 'Weather.',
    });
    expect(readReportDetails(members).transcript).toBe(said);
  });

  it('of 2024-11: costs also as a breakdown, deprecated recording links, durations', () => {
    const members = {
      timestamp: 1731437694251,
      durationMs: 14186,
      costBreakdown: {
        stt: 0.0033,
        llm: 0.01,
        tts: 0.002,
        vapi: 0.0118,
        transport: 0,
        total: 0.0192,
        llmPromptTokens: 20,
        analysisCostBreakdown: { summary: 0.001, successEvaluation: 0.0031, summaryPromptTokens: 400 },
      },
      artifact: {
        messages: spoken,
        recordingUrl: 'https://r.example/m.wav',
        stereoRecordingUrl: 'https://r.example/s.wav',
      },
    };
    expect(columnsOf(members)).toMatchObject({
      costUsd: 0.0192,
      transcriberCostUsd: 0.0033,
      modelCostUsd: 0.01,
      voiceCostUsd: 0.002,
      vapiCostUsd: 0.0118,
      transportCostUsd: 0,
      analysisCostUsd: 0.0041,
      durationSeconds: 14.186,
      recordingUrl: 'https://r.example/m.wav',
      stereoRecordingUrl: 'https://r.example/s.wav',
    });
  });

  it.each([
    ['messages of the artifact', { artifact: { messages: spoken } }],
    [
      'assistant for bot, as the documents have it',
      {
        artifact: { messages: spoken.map((m) => (m.role === 'bot' ? { ...m, role: 'assistant' } : m)) },
      },
    ],
    [
      'the OpenAI form',
      {
        artifact: {
          messagesOpenAIFormatted: spoken.map(({ role, message }) => ({
            role: role === 'bot' ? 'assistant' : role,
            content: message,
          })),
        },
      },
    ],
    ['conversation', { conversation: spoken.map(({ role, message }) => ({ role, content: message })) }],
  ])('put a transcript together from %s', (_, members) => {
    expect(readReportDetails(members).transcript).toBe(said);
  });

  it('have no transcript where nothing was said', () => {
    const { transcript, turns } = readReportDetails({
      artifact: { messages: spoken.slice(0, 1), transcript: ' ' },
    });
    expect([transcript, turns]).toEqual([undefined, undefined]);
  });
});

describe('any object', () => {
  const names = [
    ...['endedReason', 'startedAt', 'endedAt', 'timestamp', 'cost', 'costs', 'costBreakdown', 'destination'],
    ...['durationSeconds', 'durationMs', 'summary', 'transcript', 'messages', 'conversation', 'recordingUrl'],
    ...[
      'recording',
      'mono',
      'combinedUrl',
      'performanceMetrics',
      'turnLatencies',
      'turnLatency',
      'transfers',
    ],
    ...[
      'structuredData',
      'structuredOutputs',
      'successEvaluation',
      'role',
      'message',
      'content',
      'type',
      'id',
    ],
    ...['number', 'createdAt', 'constructor', '__proto__'],
  ];
  const { tree } = fc.letrec((tie) => ({
    tree: fc.oneof(
      { depthSize: 'small' },
      fc.jsonValue(),
      fc.constantFrom(
        -1,
        1e300,
        5e-324,
        1_795_208_697_005,
        'user',
        'https://x',
        '+010000-01-01T00:00:00Z',
        '\ud800',
      ),
      fc.string({ unit: 'binary', maxLength: 30 }),
      fc.constantFrom('é', '\u0001', '🚪', '=').map((c) => c.repeat(40_000)),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 6 }),
    ),
  }));
  const parts = fc.dictionary(fc.constantFrom('analysis', 'artifact', 'call', 'customer', ...names), tree);

  it('reads without a throw, and every column fits and comes back from JSON as it was', () => {
    fc.assert(
      fc.property(parts, (members) => {
        const columns = columnsOf(JSON.parse(JSON.stringify({ ...members, type: 'end-of-call-report' })));
        for (const [column, value] of Object.entries(columns)) {
          expect(String(value).length, column).toBeLessThan(32_000);
          expect(JSON.parse(JSON.stringify(value))).toBe(value);
          if (typeof value === 'string') expect(value.isWellFormed(), column).toBe(true);
          if (Number.isInteger(value)) expect(Math.abs(Number(value)), column).toBeLessThan(2 ** 31);
        }
      }),
      { numRuns: 500 },
    );
  });

  it('reads a cost of minus zero as none', () => {
    expect(Object.is(columnsOf({ cost: -0 }).costUsd, 0)).toBe(true);
  });

  it('reads one that is nested more deeply than the stack goes', () => {
    const deep = JSON.parse(`${'['.repeat(200_000)}${']'.repeat(200_000)}`) as unknown;
    const analysis = { structuredData: { deep }, successEvaluation: deep };
    expect(columnsOf({ analysis })).toMatchObject({ status: 'ended' });
  });
});
