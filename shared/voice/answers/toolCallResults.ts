import { createHash } from 'node:crypto';
import type { ToolOutcome, ToolRegistry } from '../../tools/registry.ts';
import type { ToolContext } from '../../tools/tool.ts';
import { tryJson } from '../../tryJson.ts';
import type { ToolCall } from '../messages/toolCalls.ts';

/** One entry of the answer to `tool-calls`; `result` and `error` are one line of text each. */
export interface ToolCallResult {
  name: string;
  toolCallId: string;
  result?: string;
  error?: string;
}

/** Vapi takes nothing for a result that has line breaks in it; the character zero is none that databases take. */
const singleLine = (text: string) =>
  text
    .toWellFormed()
    .replace(/\s*[\r\n]+\s*/g, ' ')
    .replaceAll('\0', '');

/** Vapi takes an empty result for none at all. */
const nothingToSay = 'Done.';

export function toResult(call: ToolCall, outcome: ToolOutcome): ToolCallResult {
  const entry = { name: call.name, toolCallId: call.id };
  if (!outcome.ok) return { ...entry, error: singleLine(outcome.error) };
  const { result } = outcome;
  const text = typeof result === 'string' ? result : JSON.stringify(result ?? undefined);
  return { ...entry, result: singleLine(text ?? '').trim() || nothingToSay };
}

/** What tells one delivery's calls from another's where they bear no ids. */
export interface DeliveryMark {
  callId: string | undefined;
  caller: string | undefined;
  /** Vapi's own, which a repeated delivery bears again. */
  timestamp: unknown;
}

/** The same for every delivery of one tool call; a call without an id is told by its name and arguments. */
function idempotencyKey(call: ToolCall, { callId, caller, timestamp }: DeliveryMark): string {
  const conversation = callId ?? (call.id ? '' : [caller, timestamp]);
  return JSON.stringify([conversation, call.id || digestOf(call)]);
}

/**
 * The same for arguments as JSON text and as an object. Those nested too deeply to be written out can be no tool's, and
 * need not be told from others.
 */
function digestOf({ name, args }: ToolCall): string {
  try {
    return createHash('sha256')
      .update(JSON.stringify([name, (typeof args === 'string' ? tryJson(args) : undefined) ?? args]))
      .digest('hex');
  } catch {
    return name;
  }
}

/** Runs all calls of one message side by side and gives an entry for each, in their order. */
export function runToolCalls(
  calls: readonly ToolCall[],
  registry: ToolRegistry,
  context: Omit<ToolContext, 'idempotencyKey'>,
  mark: DeliveryMark,
  deadlineMs: number,
): Promise<ToolCallResult[]> {
  return Promise.all(
    calls.map(async (call) => {
      const own = { ...context, idempotencyKey: idempotencyKey(call, mark) };
      return toResult(call, await registry.run(call.name, call.args, own, deadlineMs));
    }),
  );
}
