import { createHash } from 'node:crypto';
import type { ToolOutcome, ToolRegistry } from '../../tools/registry.ts';
import type { ToolContext } from '../../tools/tool.ts';
import type { ToolCall } from '../messages/toolCalls.ts';

/** One entry of the answer to `tool-calls`; `result` and `error` are one line of text each. */
export interface ToolCallResult {
  name: string;
  toolCallId: string;
  result?: string;
  error?: string;
}

const singleLine = (text: string) => text.replace(/\s*[\r\n]+\s*/g, ' ');

export function toResult(call: ToolCall, outcome: ToolOutcome): ToolCallResult {
  const entry = { name: call.name, toolCallId: call.id };
  if (!outcome.ok) return { ...entry, error: singleLine(outcome.error) };
  const text = typeof outcome.result === 'string' ? outcome.result : JSON.stringify(outcome.result ?? null);
  return { ...entry, result: singleLine(text) };
}

/** The same for every delivery of one tool call; a call without an id is told by its name and arguments. */
function idempotencyKey(call: ToolCall, callId: string | undefined): string {
  const own =
    call.id ||
    createHash('sha256')
      .update(JSON.stringify([call.name, call.args]))
      .digest('hex');
  return JSON.stringify([callId ?? '', own]);
}

/** Runs all calls of one message side by side and gives an entry for each, in their order. */
export function runToolCalls(
  calls: readonly ToolCall[],
  registry: ToolRegistry,
  context: Omit<ToolContext, 'idempotencyKey'>,
  deadlineMs: number,
): Promise<ToolCallResult[]> {
  return Promise.all(
    calls.map(async (call) => {
      const own = { ...context, idempotencyKey: idempotencyKey(call, context.conversationId) };
      return toResult(call, await registry.run(call.name, call.args, own, deadlineMs));
    }),
  );
}
