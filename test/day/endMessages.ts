import {
  type CallFrame,
  type CallTruth,
  envelope,
  openAiMessages,
  secondsOf,
  transcriptOf,
  vapiMessages,
} from './callShape.ts';

/** What a report made again after the first says otherwise. */
export interface Amended {
  summary: string;
  success: string;
}

/** `end-of-call-report` as its era wrote it. `edition` tells apart what is signed anew for each delivery. */
export function reportMessage(
  frame: CallFrame,
  truth: CallTruth,
  at: number,
  edition: number,
  amended?: Amended,
): Record<string, unknown> {
  const { lines, endedReason } = truth;
  const { summary, success } = amended ?? truth;
  const transcript = transcriptOf(lines);
  const presignedUrlsExpiresAt = new Date(at + edition * 1000).toISOString();
  if (frame.era === '2024-07' || frame.era === '2024-03')
    return envelope(
      frame,
      'end-of-call-report',
      at,
      {
        endedReason,
        transcript,
        summary,
        messages: vapiMessages(lines),
        analysis: { summary, successEvaluation: success },
      },
      lines,
    );
  const message = envelope(
    frame,
    'end-of-call-report',
    at,
    {
      endedReason,
      startedAt: new Date(truth.startedAt).toISOString(),
      endedAt: new Date(truth.endedAt).toISOString(),
      ...durations(secondsOf(truth)),
      cost: truth.costUsd,
      ...(frame.era === '2024-11' ? breakdown(truth) : { costs: costList(truth) }),
      summary,
      transcript,
      analysis: { summary, successEvaluation: success, structuredData: { satisfied: success === 'true' } },
    },
    lines,
  );
  return {
    ...message,
    artifact: {
      messages: vapiMessages(lines),
      messagesOpenAIFormatted: openAiMessages(lines),
      transcript,
      presignedUrlsExpiresAt,
      presignedRecordingUrl: `https://storage.example.invalid/r.wav?expires=${at + edition}`,
    },
  };
}

function durations(seconds: number) {
  return { durationMs: seconds * 1000, durationSeconds: seconds, durationMinutes: seconds / 60 };
}

/** In micro-dollars, so that the parts add up. */
function partsOf({ costUsd }: CallTruth): [model: number, vapi: number] {
  const all = Math.round(costUsd * 1e6);
  const model = Math.floor(all / 3);
  return [model / 1e6, (all - model) / 1e6];
}

function costList(truth: CallTruth) {
  const [model, vapi] = partsOf(truth);
  return [
    { type: 'model', model: { provider: 'openai', model: 'gpt-4o' }, cost: model },
    { type: 'vapi', subType: 'normal', minutes: secondsOf(truth) / 60, cost: vapi },
  ];
}

function breakdown(truth: CallTruth) {
  const [llm, vapi] = partsOf(truth);
  return { costBreakdown: { stt: 0, llm, tts: 0, vapi, total: truth.costUsd } };
}
