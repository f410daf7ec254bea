import type { CallToolResult, Tool as McpTool } from '@modelcontextprotocol/server';
import { isObject } from '../isObject.ts';
import type { ToolOutcome } from '../tools/registry.ts';
import type { Tool } from '../tools/tool.ts';

/** A tool as `tools/list` gives it. */
export function toMcpTool({ name, description, inputSchema, sideEffect, kind }: Tool): McpTool {
  const isPublished = kind !== 'builtin';
  return {
    name,
    description,
    inputSchema: { ...inputSchema, type: 'object' },
    // What a published tool changes is not known: the worst is told. The built-in ones only add.
    annotations: {
      readOnlyHint: !sideEffect,
      destructiveHint: sideEffect && isPublished,
      idempotentHint: !sideEffect,
      openWorldHint: isPublished,
    },
  };
}

/** An outcome as `tools/call` answers it: in words for the model, JSON unless said, and as it is where it is an object. */
export function toCallResult(
  outcome: ToolOutcome,
  say: (result: unknown) => string = asText,
): CallToolResult {
  if (!outcome.ok) return { content: [text(outcome.error)], isError: true };
  const { result } = outcome;
  const content = [text(say(result))];
  return isObject(result) ? { content, structuredContent: result } : { content };
}

const asText = (result: unknown) => (typeof result === 'string' ? result : JSON.stringify(result ?? null));

const text = (words: string) => ({ type: 'text' as const, text: words.toWellFormed() });
