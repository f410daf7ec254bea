import { z } from 'zod';
import { raceDeadline, timedOut } from '../deadline.ts';
import { recordMetric } from '../telemetry/instruments.ts';
import { errorFields } from '../telemetry/logger.ts';
import { traced } from '../telemetry/spans.ts';
import type { Tool, ToolContext } from './tool.ts';

/** How a tool call ended: a JSON value, or a sentence the model can act on. */
export type ToolOutcome = { ok: true; result: unknown } | { ok: false; error: string };

export interface ToolRegistry {
  readonly tools: readonly Tool[];
  /** Checks the arguments and runs the tool within `deadlineMs`. Never throws. */
  run(name: string, args: unknown, context: ToolContext, deadlineMs: number): Promise<ToolOutcome>;
}

const validName = /^[a-z][a-z0-9_]{0,39}$/;

/** @throws Error for a name that is taken or not of the allowed form. */
export function createToolRegistry(tools: readonly Tool[]): ToolRegistry {
  const byName = new Map<string, Tool>();
  for (const tool of tools) {
    if (!validName.test(tool.name))
      throw new Error(`"${tool.name}" is not a tool name; use ${validName.source}`);
    if (byName.has(tool.name)) throw new Error(`the tool "${tool.name}" is defined twice`);
    byName.set(tool.name, tool);
  }
  return {
    tools: [...byName.values()],
    async run(name, args, context, deadlineMs) {
      const tool = byName.get(name);
      if (!tool) return { ok: false, error: `Unknown tool: ${printable(name)}.` };
      const input = readArguments(tool, args);
      if (!input.ok) return input;
      return observed(tool, () => runWithin(tool, input.result, context, deadlineMs));
    },
  };
}

interface Run {
  outcome: ToolOutcome;
  /** `done`, `timeout` or `failed`. */
  how: string;
}

/** A run as a span and a measurement, by the GenAI conventions. */
async function observed({ name }: Tool, work: () => Promise<Run>): Promise<ToolOutcome> {
  const began = performance.now();
  const attributes = { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': name };
  const run = await traced(
    `execute_tool ${name}`,
    async (span) => {
      const done = await work();
      span.set({ 'gatehouse.outcome': done.how, 'error.type': done.outcome.ok ? undefined : done.how });
      return done;
    },
    { attributes },
  );
  recordMetric('gatehouse.tool.duration', (performance.now() - began) / 1000, {
    'gen_ai.tool.name': name,
    'gatehouse.outcome': run.how,
  });
  return run.outcome;
}

async function runWithin(
  tool: Tool,
  input: Record<string, unknown>,
  context: ToolContext,
  deadlineMs: number,
): Promise<Run> {
  const failed = (how: string, error: string): Run => ({ how, outcome: { ok: false, error } });
  try {
    const result = await raceDeadline(tool.run(input, context), deadlineMs);
    if (result !== timedOut) return { how: 'done', outcome: { ok: true, result } };
    context.log.error('tool-timeout', { tool: tool.name, deadlineMs });
    return failed('timeout', 'The tool took too long. Apologise and offer to take a message.');
  } catch (error) {
    context.log.error('tool-failed', { tool: tool.name, ...errorFields(error) });
    return failed('failed', 'The tool failed. Apologise and offer to take a message.');
  }
}

type Input = { ok: true; result: Record<string, unknown> } | { ok: false; error: string };

/** Arguments as an object or as JSON text of one; null members count as missing. */
function readArguments(tool: Tool, args: unknown): Input {
  let given = args ?? {};
  if (typeof given === 'string') {
    try {
      given = given.trim() === '' ? {} : JSON.parse(given);
    } catch {
      return {
        ok: false,
        error: 'The arguments are not valid JSON. Call the tool again with a JSON object.',
      };
    }
  }
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return { ok: false, error: 'The arguments must be a JSON object.' };
  }
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const parsed = tool.input.safeParse(present);
  return parsed.success ? { ok: true, result: parsed.data } : { ok: false, error: describe(parsed.error) };
}

function describe(error: z.ZodError): string {
  const faults = error.issues.map((issue) => `${issue.path.join('.') || 'arguments'}: ${issue.message}`);
  return `The arguments are not valid. ${faults.join('; ')}. Ask the caller for what is missing and call the tool again.`;
}

function printable(name: string): string {
  return name.replace(/[^\w.-]/g, '?').slice(0, 64);
}

/** The arguments' JSON Schema, as models are told it. */
export function inputSchema(tool: Tool): Record<string, unknown> {
  return z.toJSONSchema(tool.input, { io: 'input' }) as Record<string, unknown>;
}
