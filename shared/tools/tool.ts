import { z } from 'zod';
import type { Logger } from '../telemetry/logger.ts';

/** A JSON Schema as it stands in a document. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a tool is told beside its arguments. Who calls, and for which tenant, never comes from the arguments. */
export interface ToolContext {
  tenantId: string;
  /** The other party's number or id as the transport knows it, where it does. */
  caller: string | undefined;
  /** The call or session the tool runs in, where there is one. */
  conversationId: string | undefined;
  /** The same for every delivery of one request: a tool with effects does them once per key. */
  idempotencyKey: string;
  /** Published tools that may be called; undefined: all that the tenant may have. */
  offered?: readonly string[];
  /** When it was asked for, by its sender's clock: the same for every delivery. Now, where the sender does not say. */
  askedAt: Date;
  now: Date;
  log: Logger;
}

/** `builtin`: in the deployment. `http`: a request described as JSON. `code`: a published bundle, in a process of its own. */
export type ToolKind = 'builtin' | 'http' | 'code';

/** Arguments as the tool takes them, or what is wrong with them, in words the model can act on. */
export type ReadInput = { ok: true; input: Record<string, unknown> } | { ok: false; faults: string[] };

/** A tool a model can call. */
export interface Tool {
  /** See `toolName.ts`. */
  name: string;
  /** For the model: what the tool does and when to call it. */
  description: string;
  kind: ToolKind;
  /** The publisher's word for this version; of a built-in `built-in`. */
  version: string;
  /** Of its arguments, as models are told them and as they are held to. */
  inputSchema: JsonSchema;
  /** True where a call changes something. Such a tool does it once for each idempotency key. */
  sideEffect: boolean;
  /** Longest run in ms; undefined: as long as whoever calls can wait. */
  timeoutMs?: number;
  /** Tenants that may have it; undefined: all of them. */
  tenants?: ReadonlySet<string>;
  /** Checks an object without null members. */
  readInput(args: Record<string, unknown>): ReadInput;
  /**
   * Gives the result as a JSON value. A {@link ToolError} is told to the model; anything else that is thrown becomes an
   * answer that tells it nothing internal.
   * @param deadlineMs nobody waits for longer.
   */
  run(input: Record<string, unknown>, context: ToolContext, deadlineMs: number): Promise<unknown>;
}

/** A failure the model is told of in these words: one or two sentences, with what to say or do next. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

/** Thrown by a tool that has seen for itself that its time was up. */
export class ToolTimeout extends Error {
  override readonly name = 'ToolTimeout';
}

/** A tool of the deployment. Its input schema is both what the model is told and what its arguments are held to. */
export interface BuiltInTool<I extends z.ZodObject> {
  name: string;
  description: string;
  input: I;
  /** False where it only looks something up; true unless said. */
  sideEffect?: boolean;
  run(input: z.infer<I>, context: ToolContext, deadlineMs: number): Promise<unknown>;
}

/** Defines a tool with its arguments typed by its schema. */
export function defineTool<I extends z.ZodObject>(tool: BuiltInTool<I>): Tool {
  const { name, description, input, sideEffect = true, run } = tool;
  return {
    name,
    description,
    sideEffect,
    kind: 'builtin',
    version: 'built-in',
    inputSchema: z.toJSONSchema(input, { io: 'input' }) as JsonSchema,
    readInput(args) {
      const parsed = input.safeParse(args);
      return parsed.success
        ? { ok: true, input: parsed.data }
        : { ok: false, faults: zodFaults(parsed.error) };
    },
    run: (given, context, deadlineMs) => run(given as z.infer<I>, context, deadlineMs),
  };
}

/** A fault with the member it was found at; the arguments as a whole where there is none. */
export const faultAt = (path: string, message: string) => `${path || 'arguments'}: ${message}`;

/** Every fault zod found, each with its member. */
export const zodFaults = ({ issues }: z.core.$ZodError) =>
  issues.map(({ path, message }) => faultAt(path.join('.'), message));
