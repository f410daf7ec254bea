import { amountOf, jsonOf, linkOf, momentOf, wordOf } from './bounds.ts';
import { mostUsd } from './endOfCallReport.ts';
import { destinationKind } from './statusUpdate.ts';
import { itemsOf, membersOf } from './tolerant.ts';
import { countTurns, readTranscript } from './transcript.ts';

/** Costs by kind in US dollars; what has no name here is in `otherCostUsd`. */
export interface CostDetails {
  transportCostUsd?: number;
  transcriberCostUsd?: number;
  modelCostUsd?: number;
  voiceCostUsd?: number;
  vapiCostUsd?: number;
  analysisCostUsd?: number;
  knowledgeBaseCostUsd?: number;
  voicemailDetectionCostUsd?: number;
  otherCostUsd?: number;
}

/** `artifact.performanceMetrics` under the names Vapi gives, in its milliseconds. */
export interface LatencyDetails {
  turnLatencyAverage: number | undefined;
  /** The longest of `turnLatencies[].turnLatency`. */
  turnLatencyWorst: number | undefined;
  modelLatencyAverage: number | undefined;
  voiceLatencyAverage: number | undefined;
  transcriberLatencyAverage: number | undefined;
  endpointingLatencyAverage: number | undefined;
  /** How often the user interrupted the assistant. */
  assistantInterrupted: number | undefined;
  /** How often the assistant interrupted the user. */
  userInterrupted: number | undefined;
}

/** What a report says beyond its {@link ReportFacts}, named as the columns of the call's row. */
export interface ReportDetails extends CostDetails, LatencyDetails {
  /** ISO time of the message. */
  reportedAt: string | undefined;
  /** How often the word passed between caller and assistant, the first one's included. */
  turns: number | undefined;
  /** Address of the mono recording. */
  recordingUrl: string | undefined;
  stereoRecordingUrl: string | undefined;
  /** JSON text; undefined where it is too long for a row and only in the report as received. */
  structuredData: string | undefined;
  structuredOutputs: string | undefined;
  /** Kind of destination the call was forwarded to: `number` or `sip`. */
  forwardedTo: string | undefined;
  /** JSON text of `[{kind, mode, status}]`, one for each transfer that was tried. */
  transferRecords: string | undefined;
  /** What was said, `AI:` and `User:` before each utterance. Not for a row. */
  transcript: string | undefined;
}

const longestMs = 10_000_000;
const mostCount = 1_000_000;
const mostTransfers = 100;

/** Reads a report in every shape since 2024; what is missing is undefined. */
export function readReportDetails(message: Readonly<Record<string, unknown>>): ReportDetails {
  const artifact = membersOf(message.artifact);
  const analysis = membersOf(message.analysis);
  const recording = membersOf(artifact.recording);
  const firstLink = (...values: unknown[]) => values.map(linkOf).find((link) => link !== undefined);
  return {
    ...readCosts(message),
    ...readLatency(membersOf(artifact.performanceMetrics)),
    reportedAt: momentOf(message.timestamp),
    turns: countTurns(message),
    recordingUrl: firstLink(
      membersOf(recording.mono).combinedUrl,
      artifact.recordingUrl,
      message.recordingUrl,
    ),
    stereoRecordingUrl: firstLink(
      recording.stereoUrl,
      artifact.stereoRecordingUrl,
      message.stereoRecordingUrl,
    ),
    structuredData: jsonOf(analysis.structuredData) ?? jsonOf(analysis.structuredDataMulti),
    structuredOutputs: jsonOf(artifact.structuredOutputs),
    forwardedTo: destinationKind(message.destination),
    transferRecords: readTransfers(artifact.transfers),
    transcript: readTranscript(message),
  };
}

const costColumns = new Map<unknown, keyof CostDetails>([
  ['transport', 'transportCostUsd'],
  ['transcriber', 'transcriberCostUsd'],
  ['stt', 'transcriberCostUsd'],
  ['model', 'modelCostUsd'],
  ['llm', 'modelCostUsd'],
  ['voice', 'voiceCostUsd'],
  ['tts', 'voiceCostUsd'],
  ['vapi', 'vapiCostUsd'],
  ['analysis', 'analysisCostUsd'],
  ['knowledge-base', 'knowledgeBaseCostUsd'],
  ['voicemail-detection', 'voicemailDetectionCostUsd'],
]);
const analysisCosts = ['summary', 'structuredData', 'successEvaluation', 'structuredOutput'];

/** `costs`, a list by kind; before late 2024 `costBreakdown`, an object by older names. */
function readCosts(message: Readonly<Record<string, unknown>>): CostDetails {
  const listed = itemsOf(message.costs).map(membersOf);
  const breakdown = membersOf(message.costBreakdown);
  const analysis = membersOf(breakdown.analysisCostBreakdown);
  const parts: (readonly [kind: unknown, cost: unknown])[] =
    listed.length > 0
      ? listed.map(({ type, cost }) => [type, cost])
      : [
          ...[...costColumns.keys()].map((kind) => [kind, breakdown[String(kind)]] as const),
          ...analysisCosts.map((name) => ['analysis', analysis[name]] as const),
        ];
  const sums: CostDetails = {};
  for (const [kind, cost] of parts) {
    const usd = amountOf(cost, mostUsd, 6);
    if (usd === undefined) continue;
    const column = costColumns.get(kind) ?? 'otherCostUsd';
    const sum = amountOf((sums[column] ?? 0) + usd, mostUsd, 6);
    if (sum !== undefined) sums[column] = sum;
  }
  return sums;
}

function readLatency(metrics: Readonly<Record<string, unknown>>): LatencyDetails {
  const turns = itemsOf(metrics.turnLatencies).map(membersOf);
  const ms = (value: unknown) => amountOf(value, longestMs, 3);
  const ofTurns = (name: string) => turns.flatMap((turn) => ms(turn[name]) ?? []);
  const average = (name: string) => {
    const known = ofTurns(name);
    const sum = known.reduce((total, value) => total + value, 0);
    return ms(metrics[`${name}Average`]) ?? (known.length > 0 ? ms(sum / known.length) : undefined);
  };
  const worst = ofTurns('turnLatency').reduce((most, value) => Math.max(most, value), -1);
  return {
    turnLatencyAverage: average('turnLatency'),
    turnLatencyWorst: worst < 0 ? undefined : worst,
    modelLatencyAverage: average('modelLatency'),
    voiceLatencyAverage: average('voiceLatency'),
    transcriberLatencyAverage: average('transcriberLatency'),
    endpointingLatencyAverage: average('endpointingLatency'),
    assistantInterrupted: amountOf(metrics.numAssistantInterrupted, mostCount, 0),
    userInterrupted: amountOf(metrics.numUserInterrupted, mostCount, 0),
  };
}

function readTransfers(transfers: unknown): string | undefined {
  const records = itemsOf(transfers)
    .slice(0, mostTransfers)
    .map(membersOf)
    .map(({ destination, mode, status }) => ({
      kind: destinationKind(destination) ?? 'unknown',
      mode: wordOf(mode),
      status: wordOf(status),
    }));
  return records.length > 0 ? jsonOf(records) : undefined;
}
