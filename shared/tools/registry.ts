import { raceDeadline, timedOut } from '../deadline.ts';
import { isObject } from '../isObject.ts';
import { recordMetric } from '../telemetry/instruments.ts';
import { errorFields } from '../telemetry/logger.ts';
import { traced } from '../telemetry/spans.ts';
import { tryJson } from '../tryJson.ts';
import type { ToolStatistics } from './statistics.ts';
import { type Tool, type ToolContext, ToolError, ToolTimeout } from './tool.ts';
import { createToolSet, type ToolSet } from './toolSet.ts';

/** How a tool call ended: a JSON value, or a sentence the model can act on. */
export type ToolOutcome = { ok: true; result: unknown } | { ok: false; error: string };

/** What an assistant or an MCP client can call: one registry for both. */
export interface ToolRegistry {
  /** The tools as they stand; the same object until that changes. Costs nothing: what is newer is fetched behind it. */
  current(): ToolSet;
  /** The tools once there is something to go by; after `deadlineMs` whatever there is. Never rejects. */
  ready(deadlineMs: number): Promise<ToolSet>;
  /** Checks the arguments and runs the tool as it stands now, within `deadlineMs`. Never throws. */
  run(name: string, args: unknown, context: ToolContext, deadlineMs: number): Promise<ToolOutcome>;
}

/** Where a registry has its tools from. */
export type ToolSource = Pick<ToolRegistry, 'current' | 'ready'>;

/** Tools that never change: those of the deployment. */
export function fixedSource(tools: readonly Tool[]): ToolSource {
  const set = createToolSet(tools);
  return { current: () => set, ready: async () => set };
}

/** What a model is told where a tool gives it no words: what went wrong is said before, this is what to do about it. */
export interface ToolAdvice {
  /** It failed or took too long. */
  failed: string;
  /** Its arguments are not what it takes. */
  invalid: string;
}

const plainAdvice: ToolAdvice = {
  failed: 'Go on without it.',
  invalid: 'Call the tool again with right ones.',
};

export interface ToolRegistryOptions {
  statistics?: ToolStatistics;
  /** For models that have somebody on the line, for instance. */
  advice?: ToolAdvice;
}

export function createToolRegistry(
  source: ToolSource,
  { statistics, advice = plainAdvice }: ToolRegistryOptions = {},
): ToolRegistry {
  return {
    current: () => source.current(),
    ready: (deadlineMs) => source.ready(deadlineMs),
    async run(name, args, context, deadlineMs) {
      const began = performance.now();
      const tool =
        offeredIn(source.current(), name, context) ??
        offeredIn(await source.ready(deadlineMs), name, context);
      if (!tool) return { ok: false, error: `Unknown tool: ${printable(name)}.` };
      const input = readArguments(tool, args, advice);
      if (!input.ok) return input;
      const leftMs = Math.min(deadlineMs - (performance.now() - began), tool.timeoutMs ?? deadlineMs);
      return observed(tool, statistics, () => runWithin(tool, input.result, context, leftMs, advice));
    },
  };
}

function offeredIn(set: ToolSet, name: string, { tenantId, offered }: ToolContext): Tool | undefined {
  const tool = set.find(name, tenantId);
  return tool?.kind === 'builtin' || (offered?.includes(name) ?? true) ? tool : undefined;
}

interface Run {
  outcome: ToolOutcome;
  /** `done`, `refused`, `timeout` or `failed`. */
  how: string;
}

/** A run as a span and a measurement, by the GenAI conventions. */
async function observed(
  tool: Tool,
  statistics: ToolStatistics | undefined,
  work: () => Promise<Run>,
): Promise<ToolOutcome> {
  const { name } = tool;
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
  const tookMs = performance.now() - began;
  statistics?.note(tool, tookMs, run.how !== 'done');
  recordMetric('gatehouse.tool.duration', tookMs / 1000, {
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
  advice: ToolAdvice,
): Promise<Run> {
  const failed = (how: string, error: string): Run => ({ how, outcome: { ok: false, error } });
  const late = () => {
    context.log.error('tool-timeout', { tool: tool.name, deadlineMs });
    return failed('timeout', `The tool took too long. ${advice.failed}`);
  };
  try {
    const result = await raceDeadline(tool.run(input, context, deadlineMs), deadlineMs);
    return result === timedOut ? late() : { how: 'done', outcome: { ok: true, result } };
  } catch (error) {
    if (error instanceof ToolError) return failed('refused', error.message);
    if (error instanceof ToolTimeout) return late();
    context.log.error('tool-failed', { tool: tool.name, ...errorFields(error) });
    return failed('failed', `The tool failed. ${advice.failed}`);
  }
}

type Input = { ok: true; result: Record<string, unknown> } | { ok: false; error: string };

/** Arguments as an object or as JSON text of one; null members count as missing. */
function readArguments(tool: Tool, args: unknown, advice: ToolAdvice): Input {
  let given: unknown = args ?? {};
  if (typeof given === 'string') {
    given = given.trim() === '' ? {} : tryJson(given);
    if (given === undefined)
      return {
        ok: false,
        error: 'The arguments are not valid JSON. Call the tool again with a JSON object.',
      };
  }
  if (!isObject(given)) return { ok: false, error: 'The arguments must be a JSON object.' };
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null));
  const read = tool.readInput(present);
  return read.ok ? { ok: true, result: read.input } : { ok: false, error: toldOf(read.faults, advice) };
}

const toldOf = (faults: readonly string[], { invalid }: ToolAdvice) =>
  `The arguments are not valid. ${faults.join('; ')}. ${invalid}`;

function printable(name: string): string {
  return name.replace(/[^\w.-]/g, '?').slice(0, 64);
}
