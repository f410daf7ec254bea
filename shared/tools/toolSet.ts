import type { Tool } from './tool.ts';
import { isToolName, toolNameRule } from './toolName.ts';

/** All tools there are at one moment. Never changes: whoever holds one goes on with the versions it began with. */
export interface ToolSet {
  /** Sequence of the manifest it was made from; 0 before the first. */
  readonly sequence: number;
  readonly tools: readonly Tool[];
  /** The tool of this name, where this tenant may have it. */
  find(name: string, tenantId: string): Tool | undefined;
}

/** @throws Error for a name that is taken or not of the allowed form. */
export function createToolSet(tools: readonly Tool[], sequence = 0): ToolSet {
  const byName = new Map<string, Tool>();
  for (const tool of tools) {
    if (!isToolName(tool.name)) throw new Error(`the tool name "${tool.name}" ${toolNameRule}`);
    if (byName.has(tool.name)) throw new Error(`the tool "${tool.name}" is defined twice`);
    byName.set(tool.name, tool);
  }
  return Object.freeze({
    sequence,
    tools: Object.freeze([...byName.values()]),
    find(name: string, tenantId: string) {
      const tool = byName.get(name);
      return tool && mayHave(tool, tenantId) ? tool : undefined;
    },
  });
}

export const mayHave = ({ tenants }: Tool, tenantId: string) => tenants?.has(tenantId) ?? true;
