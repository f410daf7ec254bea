import { isObject } from '../../isObject.ts';
import { itemsOf, membersOf, textOf } from './tolerant.ts';

/** One request of the model to run a tool. */
export interface ToolCall {
  /** Opaque; echoed exactly in the answer. Empty where the sender gave none. */
  id: string;
  name: string;
  /** An object, or JSON text of one. */
  args: unknown;
}

/**
 * The tool calls of a message in every shape seen since 2024: `toolCallList`, `toolCalls` or `toolWithToolCallList`;
 * OpenAI-style (`function.name`, `function.arguments`) or flat (`name`, `arguments` or `parameters`); arguments as an
 * object or as JSON text.
 */
export function readToolCalls(message: Record<string, unknown>): ToolCall[] {
  const plain = [message.toolCallList, message.toolCalls].map(itemsOf).find((calls) => calls.length > 0);
  if (plain) return plain.map((call) => toCall(membersOf(call)));
  return itemsOf(message.toolWithToolCallList)
    .map(membersOf)
    .flatMap(({ toolCall, name, function: definition }) =>
      isObject(toolCall) ? [toCall(toolCall, textOf(membersOf(definition).name) ?? textOf(name))] : [],
    );
}

function toCall(call: Readonly<Record<string, unknown>>, definedName?: string): ToolCall {
  const inner = membersOf(call.function);
  return {
    id: exactId(call.id),
    name: textOf(inner.name) ?? textOf(call.name) ?? definedName ?? '',
    args: inner.arguments ?? inner.parameters ?? call.arguments ?? call.parameters,
  };
}

/** Echoed in the answer, so not a character of it may change. */
function exactId(id: unknown): string {
  return typeof id === 'string' || typeof id === 'number' ? String(id) : '';
}

/** The one call of the `function-call` message that Vapi sent until 2024; none where it has no name. */
export function readFunctionCall(message: Record<string, unknown>): ToolCall[] {
  const { name, parameters, arguments: given } = membersOf(message.functionCall);
  const known = textOf(name);
  return known === undefined ? [] : [{ id: '', name: known, args: parameters ?? given }];
}
