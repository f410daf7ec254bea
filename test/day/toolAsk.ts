import { type CallFrame, envelope, type Line } from './callShape.ts';

/** What a tool leaves behind: a lead, a message, a wish to be rung back, a note on the call, nothing, or a refusal. */
export type Effect = 'lead' | 'message' | 'callback' | 'outcome' | 'none' | 'refused';

/** A tool that the model of a call asks for. */
export interface ToolAsk {
  /** Opaque, as the model provider makes them. */
  id: string;
  name: string;
  args: Record<string, unknown>;
  effect: Effect;
}

/** True where a repeated request must be answered the same: what a clock has a part in may change. */
export const isLasting = ({ effect }: ToolAsk) => effect !== 'none' && effect !== 'refused';

/** The message that asks for tools; of the oldest era a function at a time, without an id. */
export function askMessage(
  frame: CallFrame,
  asks: readonly ToolAsk[],
  at: number,
  said: readonly Line[],
): Record<string, unknown> {
  const [only] = asks;
  if (frame.era === '2024-03' && only) {
    const functionCall = { name: only.name, parameters: JSON.stringify(only.args) };
    return envelope(frame, 'function-call', at, { functionCall }, said);
  }
  return envelope(frame, 'tool-calls', at, listsOf(frame, asks), said);
}

function listsOf({ toolShape }: CallFrame, asks: readonly ToolAsk[]): Record<string, unknown> {
  switch (toolShape) {
    case 'nested': {
      const list = asks.map((ask) => nested(ask, ask.args));
      return { toolCalls: list, toolCallList: list, toolWithToolCallList: asks.map(withTool) };
    }
    case 'json-text':
      return { toolCallList: asks.map((ask) => nested(ask, JSON.stringify(ask.args))) };
    case 'flat':
      return { toolCallList: asks.map(({ id, name, args }) => ({ id, name, parameters: args })) };
    case 'with-tool':
      return { toolWithToolCallList: asks.map(withTool) };
  }
}

function nested({ id, name }: ToolAsk, given: unknown) {
  return { id, type: 'function', function: { name, arguments: given } };
}

function withTool(ask: ToolAsk) {
  return {
    type: 'function',
    async: false,
    function: {
      name: ask.name,
      description: 'As configured.',
      parameters: { type: 'object', properties: {} },
    },
    server: { timeoutSeconds: 20 },
    toolCall: nested(ask, ask.args),
  };
}
