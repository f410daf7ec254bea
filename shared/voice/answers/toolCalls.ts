import type { Limiter } from '../../limits/limiter.ts';
import { errorFields } from '../../telemetry/logger.ts';
import type { ToolRegistry } from '../../tools/registry.ts';
import { momentOf } from '../messages/bounds.ts';
import { readFunctionCall, readToolCalls, type ToolCall } from '../messages/toolCalls.ts';
import type { VoiceConfig } from '../settings.ts';
import type { TenantDirectory } from '../tenants/tenantDirectory.ts';
import { admit, isNumber, sayOverLimit } from './admission.ts';
import type { Answered, Incoming } from './answered.ts';
import { runToolCalls, type ToolCallResult } from './toolCallResults.ts';

export interface ToolCallsDeps {
  settings: VoiceConfig;
  limiter: Pick<Limiter, 'check'>;
  tenants: TenantDirectory;
  tools: ToolRegistry;
  now: () => Date;
}

/** Tools of one message that its log line names. */
const mostLogged = 20;
/** Calls of one message that are run; a model has never been seen to make more than a handful at once. */
const mostRun = 32;
/** Longest part of a tool call's time that goes into finding its tenant. */
const lookupMs = 2_000;

const refusals = {
  unknown:
    'This line belongs to no business here, so nothing could be recorded. Apologise and ask the caller to ring again later.',
  unavailable:
    'Nothing can be recorded right now. Apologise and offer that the caller rings again in a few minutes.',
  busy: 'Too much is being asked of this line right now. Apologise and offer that the caller rings again in a few minutes.',
  many: 'Too many tools were called at once. Call the ones that matter most again.',
};

/** The answer to `tool-calls`: an entry for each call, in their order, whatever happens. */
export async function answerToolCalls(incoming: Incoming, deps: ToolCallsDeps): Promise<Answered> {
  const { results, ...said } = await resultsOf(readToolCalls(incoming.message), incoming, deps);
  return { body: { results }, ...said };
}

/** The answer to `function-call`, as Vapi asked for tools until 2024: the result of the one function alone. */
export async function answerFunctionCall(incoming: Incoming, deps: ToolCallsDeps): Promise<Answered> {
  const { results, ...said } = await resultsOf(readFunctionCall(incoming.message), incoming, deps);
  const [only] = results;
  return { body: only ? { result: only.result ?? only.error ?? '' } : {}, ...said };
}

type Results = Omit<Answered, 'body'> & { results: ToolCallResult[] };

async function resultsOf(
  calls: readonly ToolCall[],
  { call, message, log }: Incoming,
  { settings, limiter, tenants, tools, now }: ToolCallsDeps,
): Promise<Results> {
  const named = calls.slice(0, mostLogged).map(({ name }) => name.slice(0, 64));
  const refuse = (some: readonly ToolCall[], error: string) =>
    some.map(({ id, name }) => ({ name, toolCallId: id, error }));
  const lookup = await tenants.find(call, Math.min(settings.toolTimeoutMs, lookupMs));
  if (lookup.kind !== 'found') {
    if (lookup.kind === 'unavailable')
      log.error('tenant-unavailable', { callId: call.callId, ...errorFields(lookup.cause) });
    return { results: refuse(calls, refusals[lookup.kind]), tools: named, outcome: lookup.kind };
  }
  const tenant = lookup.tenant.tenantId;
  const decision = await admit(limiter, 'tool-calls', call, lookup.tenant, calls.length, log);
  if (decision.kind !== 'allowed') {
    const outcome = sayOverLimit(decision);
    return { results: refuse(calls, refusals.busy), tenant, tools: named, outcome };
  }
  const received = now();
  const context = {
    tenantId: tenant,
    // A withheld number is nobody's: what one caller says must not be added to what another said.
    caller: isNumber(call.callerNumber) ? call.callerNumber : undefined,
    conversationId: call.callId,
    offered: lookup.tenant.tools.functions,
    askedAt: new Date(momentOf(message.timestamp) ?? received),
    now: received,
    log,
  };
  const mark = { callId: call.callId, caller: call.callerNumber, timestamp: message.timestamp };
  const run = await runToolCalls(calls.slice(0, mostRun), tools, context, mark, settings.toolTimeoutMs);
  return { results: [...run, ...refuse(calls.slice(mostRun), refusals.many)], tenant, tools: named };
}
