import type { VoiceConfig } from '../config/voice.ts';
import { buildTransientAssistant, type FunctionTool } from './assistant/transientAssistant.ts';
import type { Tenant } from './tenants/tenant.ts';
import type { Lookup } from './tenants/tenantDirectory.ts';

/** What callers of no known business hear when the operator chose `generic`. */
export const genericTenant: Tenant = {
  tenantId: 'unknown',
  businessName: 'our business',
  businessHours: 'Mon–Fri 9am–5pm',
  services: ['general enquiries'],
  timezone: 'Australia/Sydney',
  phoneNumberIds: [],
  phoneNumbers: [],
  assistantIds: [],
};

/**
 * The answer to `assistant-request`, always with HTTP 200: the tenant's assistant, or for a line that leads nowhere
 * (or whose tenant cannot be read) what the operator chose: a spoken error, a forwarding destination, or a generic
 * receptionist.
 */
export function answerAssistantRequest(
  lookup: Lookup,
  settings: VoiceConfig,
  tools: readonly FunctionTool[],
  now: Date,
): object {
  if (lookup.kind === 'found')
    return { assistant: buildTransientAssistant(lookup.tenant, settings, tools, now) };
  const { choice, message, forwardTo } = settings.unknownTenant;
  if (choice === 'forward') return { destination: { type: 'number', number: forwardTo } };
  if (choice === 'generic') return { assistant: buildTransientAssistant(genericTenant, settings, [], now) };
  return { error: message };
}

/** The answer where a limit is reached: the operator's forwarding destination, else words to the caller. */
export function answerOverLimit({ overLimit: { message, forwardTo } }: VoiceConfig): object {
  return forwardTo ? { destination: { type: 'number', number: forwardTo } } : { error: message };
}
