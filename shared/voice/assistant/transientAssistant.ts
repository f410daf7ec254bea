import type { ToolRegistry } from '../../tools/registry.ts';
import type { Tool } from '../../tools/tool.ts';
import { mayHave, type ToolSet } from '../../tools/toolSet.ts';
import type { VoiceConfig } from '../settings.ts';
import type { Tenant } from '../tenants/tenant.ts';
import { analysisPlan } from './analysisPlan.ts';
import { nativeTools } from './nativeTools.ts';
import { buildSystemPrompt, cut, greeting, oneLine } from './prompt.ts';
import { toVapiParameters } from './vapiSchema.ts';

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

/** Source: OpenAIFunction in Vapi's OpenAPI document. */
const longestDescription = 1_000;

/** Costs a schema conversion: made once for each version of a tool, not for each call. */
const converted = new WeakMap<Tool, FunctionTool>();

/** A tool as the model is told of it. */
export type FunctionTool = ReturnType<typeof toFunctionTool>;

function functionTool(tool: Tool): FunctionTool {
  const known = converted.get(tool) ?? toFunctionTool(tool);
  converted.set(tool, known);
  return known;
}

function toFunctionTool(tool: Tool) {
  return {
    type: 'function' as const,
    function: {
      name: tool.name,
      description: cut(tool.description, longestDescription),
      parameters: toVapiParameters(tool.inputSchema),
    },
  };
}

/** What one call can be given: the operator's choices, and the tools there are. */
export interface AssistantParts {
  settings: Pick<VoiceConfig, 'model' | 'voice'>;
  tools: Pick<ToolRegistry, 'current'>;
}

/**
 * The assistant Vapi runs for one call: only members of `CreateAssistantDTO`, tools under `model`, and no `server`,
 * so that Vapi keeps sending to the number's own server URL with its credential.
 */
export function buildTransientAssistant(tenant: Tenant, { settings, tools }: AssistantParts, now: Date) {
  const { model, voice, transcriber, endCallMessage, maxDurationSeconds } = tenant.assistant;
  return {
    name: cut(oneLine(tenant.businessName), longestName).trim(),
    firstMessage: greeting(tenant, now),
    model: {
      ...(model ?? settings.model),
      messages: [{ role: 'system' as const, content: buildSystemPrompt(tenant, now) }],
      tools: [...functionsOf(tenant, tools.current()), ...nativeTools(tenant, now)],
    },
    voice: { ...(voice ?? settings.voice) },
    ...(transcriber ? { transcriber: toVapiTranscriber(transcriber) } : {}),
    ...(endCallMessage ? { endCallMessage: oneLine(endCallMessage) } : {}),
    ...(maxDurationSeconds ? { maxDurationSeconds } : {}),
    artifactPlan: { recordingEnabled: tenant.recording.enabled },
    ...consentPlan(tenant),
    ...analysisPlan(tenant.analysis),
    serverMessages: [...serverMessages],
    metadata: { tenant_id: tenant.tenantId, business_name: oneLine(tenant.businessName) },
  };
}

function consentPlan({ recording: { consent, notice } }: Tenant) {
  if (!consent || !notice) return {};
  return { compliancePlan: { recordingConsentPlan: { type: consent, message: oneLine(notice) } } };
}

/** Speechmatics has no transcriber without a vocabulary in Vapi's schema; an empty one adds nothing. */
function toVapiTranscriber(transcriber: NonNullable<Tenant['assistant']['transcriber']>) {
  return transcriber.provider === 'speechmatics' ? { ...transcriber, customVocabulary: [] } : transcriber;
}

/** In the registry's order: the model's prompt cache holds as long as it does. */
function functionsOf({ tenantId, tools }: Tenant, set: ToolSet): FunctionTool[] {
  return set.tools
    .filter((tool) => tools.functions.includes(tool.name) && mayHave(tool, tenantId))
    .map(functionTool);
}
