import type { z } from 'zod';
import type { Logger } from '../telemetry/logger.ts';

/** What a tool is told beside its arguments. Who calls, and for which tenant, never comes from the arguments. */
export interface ToolContext {
  tenantId: string;
  /** The other party's number or id as the transport knows it, where it does. */
  caller: string | undefined;
  /** The call or session the tool runs in, where there is one. */
  conversationId: string | undefined;
  /** The same for every delivery of one request: a tool with effects does them once per key. */
  idempotencyKey: string;
  /** When it was asked for, by its sender's clock: the same for every delivery. Now, where the sender does not say. */
  askedAt: Date;
  now: Date;
  log: Logger;
}

/** A tool a model can call. Its input schema is both what the model is told and what its arguments are held to. */
export interface Tool<I extends z.ZodObject = z.ZodObject> {
  /** `^[a-z][a-z0-9_]{0,39}$`. */
  name: string;
  /** For the model: what the tool does and when to call it. */
  description: string;
  input: I;
  /** Gives the result as a JSON value. Anything thrown becomes an error entry that tells the model nothing internal. */
  run(input: z.infer<I>, context: ToolContext): Promise<unknown>;
}

/** Defines a tool with its arguments typed by its schema. */
export function defineTool<I extends z.ZodObject>(tool: Tool<I>): Tool {
  return tool as unknown as Tool;
}
