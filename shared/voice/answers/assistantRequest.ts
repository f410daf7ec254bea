import type { Limiter } from '../../limits/limiter.ts';
import { recordMetric } from '../../telemetry/instruments.ts';
import { errorFields } from '../../telemetry/logger.ts';
import type { ToolRegistry } from '../../tools/registry.ts';
import type { AssistantAnswers } from '../assistant/assistantAnswers.ts';
import type { VoiceConfig } from '../settings.ts';
import type { TenantDirectory } from '../tenants/tenantDirectory.ts';
import { admit, sayOverLimit } from './admission.ts';
import type { Answered, Incoming } from './answered.ts';

export interface AssistantRequestDeps {
  settings: VoiceConfig;
  limiter: Pick<Limiter, 'check'>;
  tenants: TenantDirectory;
  assistants: AssistantAnswers;
  tools: Pick<ToolRegistry, 'ready'>;
  now: () => Date;
}

/** How long the first call of an instance waits for what is published: processes may have to be started. */
const firstToolsMs = 2_000;

/** The answer to `assistant-request`: who answers the phone. A caller hears it ring while this is made. */
export async function answerAssistantRequest(
  { call, log, started }: Incoming,
  { settings, limiter, tenants, assistants, tools, now }: AssistantRequestDeps,
): Promise<Answered> {
  const built = (build: () => object | string) => {
    try {
      return build();
    } catch (error) {
      log.error('assistant-not-built', { callId: call.callId, ...errorFields(error) });
      return undefined;
    }
  };
  const budget = settings.assistantRequestBudgetMs - (performance.now() - started);
  const [lookup] = await Promise.all([
    tenants.find(call, budget),
    tools.ready(Math.min(budget, firstToolsMs)),
  ]);
  if (lookup.kind === 'unavailable')
    log.error('tenant-unavailable', { callId: call.callId, ...errorFields(lookup.cause) });
  const known = lookup.kind === 'found' ? lookup.tenant : undefined;
  const tenant = known?.tenantId;
  const decision = await admit(limiter, 'assistant-request', call, known, 1, log);
  recordMetric('gatehouse.assistant_request.duration', (performance.now() - started) / 1000, {
    'gatehouse.outcome': decision.kind === 'allowed' ? lookup.kind : 'over-limit',
  });
  if (decision.kind !== 'allowed')
    return { body: assistants.overLimit(), tenant, outcome: sayOverLimit(decision) };
  return {
    body: built(() => assistants.answer(lookup, now())) ?? assistants.overLimit(),
    tenant,
    outcome: lookup.kind === 'found' ? lookup.source : `${lookup.kind}: ${settings.unknownTenant.choice}`,
  };
}
