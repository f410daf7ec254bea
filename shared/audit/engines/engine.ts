import { z } from 'zod';
import type { Logger } from '../../telemetry/logger.ts';
import type { AuditInput } from '../sourceTree.ts';
import { requirementSchema } from '../verdict.ts';

/** Tokens as the model provider counted and billed them. */
export const usageSchema = z.object({
  input_tokens: z.int().min(0),
  output_tokens: z.int().min(0),
  cached_input_tokens: z.int().min(0),
  written_input_tokens: z.int().min(0).default(0),
  total_tokens: z.int().min(0),
});
export type Usage = z.infer<typeof usageSchema>;

export const engineAnswerSchema = z.object({
  /** The audit in a few sentences, and the answer to the question if one was asked. */
  summary: z.string(),
  requirements: z.array(requirementSchema),
  /** Null where no model was called. */
  usage: usageSchema.nullable(),
});
export type EngineAnswer = z.infer<typeof engineAnswerSchema>;

/** What an engine is told beside the tree and its design. */
export interface Assignment {
  /** Ends the work; the reason is thrown. */
  signal: AbortSignal;
  log: Logger;
  /** Whose limits and budget it is. */
  caller: string;
  /** Tokens of all that a model would be sent. */
  inputTokens: number;
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
  /** @throws AppError `engine-failed`, `engine-timeout` or a limit's; an empty or broken answer is never a verdict. */
  assess(input: AuditInput, assignment: Assignment): Promise<EngineAnswer>;
}
