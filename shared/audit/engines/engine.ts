import { z } from 'zod';
import type { Logger } from '../../telemetry/logger.ts';
import { findingSchema } from '../finding.ts';
import type { AuditInput } from '../sourceTree.ts';
import type { InputTokens } from '../tokens/inputTokens.ts';
import { judgedSchema } from '../verdict.ts';
import type { StepMemory } from './stepMemory.ts';

/** Tokens as the model provider counted and billed them, summed over the calls of an audit. */
export const usageSchema = z.object({
  calls: z.int().min(0),
  input_tokens: z.int().min(0),
  output_tokens: z.int().min(0),
  cached_input_tokens: z.int().min(0),
  written_input_tokens: z.int().min(0),
  total_tokens: z.int().min(0),
  /** Steps whose results were remembered from earlier audits. */
  remembered_steps: z.int().min(0),
  /** Micro-dollars: as billed, with nothing cached, and with the source as JSON besides; null where no price is known. */
  cost: z.object({ billed: z.int().min(0), uncached: z.int().min(0), as_json: z.int().min(0) }).nullable(),
});
export type Usage = z.infer<typeof usageSchema>;

export const engineAnswerSchema = z.object({
  /** The audit in a few sentences, and the answer to the question if one was asked. */
  summary: z.string(),
  requirements: z.array(judgedSchema),
  /** What the engine found beside the requirements. */
  findings: z.array(findingSchema),
  /** Null where no model was called. */
  usage: usageSchema.nullable(),
});
export type EngineAnswer = z.infer<typeof engineAnswerSchema>;

/** What an audit will need before any of it is done. */
export interface Estimate {
  /** Parts the tree is cut into. */
  parts: number;
  calls: number;
  inputTokens: number;
  outputTokens: number;
  /** Micro-dollars; undefined where the price is not known, 0 without a model. */
  costMicroUsd: number | undefined;
  seconds: number;
}

/** What the runs of one audit have used so far: a job that is gone on with has had others before. */
export interface Spent {
  usage: Usage;
  /** Steps that were paid for, which the next run finds remembered. */
  steps: number;
  /** What counts against its maxima beyond the usage: what was expected of answers of which none was told, and known prices beside unknown ones. */
  counted?: { tokens: number; costMicroUsd: number };
}

/** How far an audit is. */
export interface Progress {
  stage: 'reading' | 'extracting' | 'assessing' | 'confirming' | 'done';
  stepsDone: number;
  steps: number;
  tokens: number;
  costMicroUsd: number | undefined;
  /** Undefined where no model is called. */
  spent?: Spent;
}

/** What whoever asks may want of an engine; all of it shapes the answer. */
export interface EngineOptions {
  /** Say of each gap what could be done. */
  advice: boolean;
}

/** What an engine is told beside the tree and its design. */
export interface Assignment {
  options: EngineOptions;
  /** Ends the work; the reason is thrown. */
  signal: AbortSignal;
  log: Logger;
  /** Whose limits and budget it is. */
  caller: string;
  /** What the tree and its design come to, counted beforehand. */
  tokens: InputTokens;
  /** What finished steps gave, so that none is paid for twice. */
  steps: StepMemory;
  /** Most that may be spent; undefined for no limit of this audit's own. */
  most: { tokens?: number | undefined; costMicroUsd?: number | undefined };
  /** What earlier runs of this audit used: it counts against `most`, and is told with the rest. */
  before?: Spent | undefined;
  progress(progress: Progress): void;
}

/** What judges a tree against its design. */
export interface AuditEngine {
  readonly name: 'azure-openai' | 'openai-compatible' | 'lexical';
  /** Model or deployment; null where there is none. */
  readonly model: string | null;
  /** Everything about the engine that shapes its answers; part of the cache key. */
  readonly fingerprint: string;
  /** One sentence for the reader of a report: what this engine can and cannot do. */
  readonly note: string;
  /** @throws AppError `design-not-found` where the design states nothing. */
  estimate(input: AuditInput, options: EngineOptions, signal: AbortSignal): Promise<Estimate>;
  /** @throws AppError `engine-failed`, `engine-timeout` or a limit's; an empty or broken answer is never a verdict. */
  assess(input: AuditInput, assignment: Assignment): Promise<EngineAnswer>;
}
