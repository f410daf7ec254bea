import { z } from 'zod';
import { maybeList, maybeObject, maybeText } from './tolerant.ts';

/** One request of the model to run a tool. */
export interface ToolCall {
  /** Opaque; echoed exactly in the answer. Empty where the sender gave none. */
  id: string;
  name: string;
  /** An object, or JSON text of one. */
  args: unknown;
}

const anything = z.unknown().optional();
/** Echoed in the answer, so not a character of it may change. */
const exactId = z
  .union([z.string(), z.number().transform(String)])
  .optional()
  .catch(undefined);
const shape = {
  id: exactId,
  name: maybeText,
  arguments: anything,
  parameters: anything,
  function: maybeObject({ name: maybeText, arguments: anything, parameters: anything }),
};
const call = z.object(shape).catch({});

const schema = z.object({
  toolCallList: maybeList(call),
  toolCalls: maybeList(call),
  toolWithToolCallList: maybeList(
    z
      .object({ name: maybeText, function: maybeObject({ name: maybeText }), toolCall: maybeObject(shape) })
      .catch({}),
  ),
});

/**
 * The tool calls of a message in every shape seen since 2024: `toolCallList`, `toolCalls` or `toolWithToolCallList`;
 * OpenAI-style (`function.name`, `function.arguments`) or flat (`name`, `arguments` or `parameters`); arguments as an
 * object or as JSON text.
 */
export function readToolCalls(message: Record<string, unknown>): ToolCall[] {
  const { toolCallList, toolCalls, toolWithToolCallList } = schema.parse(message);
  if (toolCallList?.length) return toolCallList.map((c) => toCall(c));
  if (toolCalls?.length) return toolCalls.map((c) => toCall(c));
  return (toolWithToolCallList ?? []).flatMap((t) =>
    t.toolCall ? [toCall(t.toolCall, t.function?.name ?? t.name)] : [],
  );
}

function toCall(c: z.infer<typeof call>, definedName?: string): ToolCall {
  return {
    id: c.id ?? '',
    name: c.function?.name ?? c.name ?? definedName ?? '',
    args: c.function?.arguments ?? c.function?.parameters ?? c.arguments ?? c.parameters,
  };
}
