import { inputSchema } from '../../tools/registry.ts';
import type { Tool } from '../../tools/tool.ts';
import type { VoiceConfig } from '../settings.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { nativeTools } from './nativeTools.ts';
import { buildSystemPrompt, greeting, oneLine } from './prompt.ts';

/**
 * Messages Vapi is asked to send. Listed although Vapi has a default: assistants answered without a list have been
 * seen to get no end-of-call report.
 */
export const serverMessages = [
  'tool-calls',
  'transfer-destination-request',
  'handoff-destination-request',
  'end-of-call-report',
  'status-update',
  'transfer-update',
  'hang',
] as const;

const longestName = 40;

/** Members of JSON Schema that Vapi's function parameters may have. */
const schemaMembers = new Set([
  'type',
  'properties',
  'required',
  'description',
  'enum',
  'items',
  'title',
  'format',
]);

function toVapiSchema(value: unknown, isMap = false): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => isMap || schemaMembers.has(key))
      .map(([key, member]) => [key, toVapiSchema(member, !isMap && key === 'properties')]),
  );
}

/** A tool as the model is told of it. */
export type FunctionTool = ReturnType<typeof toFunctionTool>;

/** Costs a schema conversion: made once per tool, not per call. */
export function toFunctionTool(tool: Tool) {
  return {
    type: 'function' as const,
    function: { name: tool.name, description: tool.description, parameters: toVapiSchema(inputSchema(tool)) },
  };
}

/** What one call can be given: the operator's choices, and the functions there are. */
export interface AssistantParts {
  settings: Pick<VoiceConfig, 'model' | 'voice'>;
  functions: readonly FunctionTool[];
}

/**
 * The assistant Vapi runs for one call: only members of `CreateAssistantDTO`, tools under `model`, and no `server`,
 * so that Vapi keeps sending to the number's own server URL with its credential.
 */
export function buildTransientAssistant(tenant: Tenant, { settings, functions }: AssistantParts, now: Date) {
  const { model, voice, transcriber, endCallMessage, maxDurationSeconds } = tenant.assistant;
  return {
    name: oneLine(tenant.businessName).slice(0, longestName).trim(),
    firstMessage: greeting(tenant, now),
    model: {
      ...(model ?? settings.model),
      messages: [{ role: 'system' as const, content: buildSystemPrompt(tenant, now) }],
      tools: [...functionsOf(tenant, functions), ...nativeTools(tenant, now)],
    },
    voice: { ...(voice ?? settings.voice) },
    ...(transcriber ? { transcriber } : {}),
    ...(endCallMessage ? { endCallMessage } : {}),
    ...(maxDurationSeconds ? { maxDurationSeconds } : {}),
    artifactPlan: { recordingEnabled: tenant.recording.enabled },
    serverMessages: [...serverMessages],
    metadata: { tenant_id: tenant.tenantId, business_name: tenant.businessName },
  };
}

function functionsOf({ tools }: Tenant, functions: readonly FunctionTool[]): FunctionTool[] {
  return functions.filter((tool) => tools.functions.includes(tool.function.name));
}
