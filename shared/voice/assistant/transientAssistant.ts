import { inputSchema } from '../../tools/registry.ts';
import type { Tool } from '../../tools/tool.ts';
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

/** A tool as the model is told of it. */
export type FunctionTool = ReturnType<typeof toFunctionTool>;

/** Costs a schema conversion: made once per tool, not per call. */
export function toFunctionTool(tool: Tool) {
  return {
    type: 'function' as const,
    function: {
      name: tool.name,
      description: cut(tool.description, longestDescription),
      parameters: toVapiParameters(inputSchema(tool)),
    },
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
    name: cut(oneLine(tenant.businessName), longestName).trim(),
    firstMessage: greeting(tenant, now),
    model: {
      ...(model ?? settings.model),
      messages: [{ role: 'system' as const, content: buildSystemPrompt(tenant, now) }],
      tools: [...functionsOf(tenant, functions), ...nativeTools(tenant, now)],
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

function functionsOf({ tools }: Tenant, functions: readonly FunctionTool[]): FunctionTool[] {
  return functions.filter((tool) => tools.functions.includes(tool.function.name));
}
