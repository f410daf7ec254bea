import { randomUUID } from 'node:crypto';
import type { VoiceConfig } from '../config/voice.ts';
import type { Answer as HttpAnswer } from '../http/answer.ts';
import { parseJson } from '../http/body.ts';
import { sourceAddressOf } from '../http/identity.ts';
import { toLimitError } from '../limits/answer.ts';
import type { Decision } from '../limits/decision.ts';
import type { Limiter } from '../limits/limiter.ts';
import type { Stores } from '../storage/stores.ts';
import { recordMetric } from '../telemetry/instruments.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';
import type { ToolRegistry } from '../tools/registry.ts';
import { toFunctionTool } from './assistant/transientAssistant.ts';
import { AssistantRequests } from './assistantRequest.ts';
import { checkIn } from './calls/claimCheck.ts';
import { requireVapiSecret } from './credential.ts';
import { type Delivery, readDelivery } from './messages/envelope.ts';
import { readToolCalls } from './messages/toolCalls.ts';
import type { TenantDirectory } from './tenants/tenantDirectory.ts';
import { runToolCalls } from './toolCallResults.ts';

export interface WebhookDeps {
  settings: VoiceConfig;
  limiter: Pick<Limiter, 'check'>;
  tenants: TenantDirectory;
  tools: ToolRegistry;
  stores: Pick<Stores, 'blobs' | 'queues'>;
  now: () => Date;
}

/** Tools of one message that its log line names. */
const mostLogged = 20;

/** How long a log line waits for the name of its tenant. */
const logLookupMs = 250;

/** Longest part of a tool call's time that goes into finding its tenant. */
const toolLookupMs = 2_000;

const toolRefusals = {
  unknown:
    'This line belongs to no business here, so nothing could be recorded. Apologise and ask the caller to ring again later.',
  unavailable:
    'Nothing can be recorded right now. Apologise and offer that the caller rings again in a few minutes.',
  busy: 'Too much is being asked of this line right now. Apologise and offer that the caller rings again in a few minutes.',
};

/** What an answer says of itself in the log line. */
interface Answer {
  body: object;
  tenant?: string | undefined;
  tools?: string[];
  outcome?: string;
}

/** What carriers send in place of a withheld number: the letters ANONYMOUS, RESTRICTED, UNAVAILABLE, UNKNOWN, BLOCKED on a keypad. */
const withheld = new Set(['+266696687', '+7378742833', '+86282452253', '+8656696', '+2562533']);

/** Whoever withholds a number shares no limit with others who do. */
function isNumber(number: string | undefined): number is string {
  return number !== undefined && /^\+[1-9]\d{6,14}$/.test(number) && !withheld.has(number);
}

/** The limits that refused, or could not be asked, for the log. */
function limitNames(decision: Exclude<Decision, { kind: 'allowed' }>): string {
  if (decision.kind === 'unavailable') return `${decision.policies.join(', ')} (not checked)`;
  return decision.violations.map(({ window }) => window.name).join(', ');
}

/** Vapi's server URL: every message in, the answer Vapi waits for out. */
export class VapiWebhook {
  readonly #deps: WebhookDeps;
  readonly #assistants: AssistantRequests;

  constructor(deps: WebhookDeps) {
    this.#deps = deps;
    this.#assistants = new AssistantRequests(deps.settings, deps.tools.tools.map(toFunctionTool));
  }

  /**
   * @throws AppError `unauthenticated`; from an address that keeps trying, `quota-exceeded`. Whoever has the secret is
   * let in whatever others at the same address have tried: Vapi's addresses are shared.
   */
  async authenticate(headers: Headers): Promise<void> {
    const { secrets, allowUnauthenticated } = this.#deps.settings;
    if (secrets.length === 0 && allowUnauthenticated) return;
    try {
      requireVapiSecret(headers.get('x-vapi-secret'), secrets);
    } catch (error) {
      const address = sourceAddressOf(headers);
      const subject = address === undefined ? {} : { 'source-address': address };
      const decision = await this.#deps.limiter.check('failed-credential', subject, {}, 'none');
      if (decision.kind === 'refused') throw toLimitError(decision, this.#deps.now());
      throw error;
    }
  }

  /**
   * Answers one authenticated delivery, and logs one line for it.
   * @throws AppError for an unusable envelope, or a report that could not be stored (so that Vapi sends it again).
   */
  async answer(bytes: Uint8Array, log: Logger): Promise<HttpAnswer> {
    const started = performance.now();
    const delivery = readDelivery(parseJson(bytes));
    const { body, tenant, tools, outcome } = await this.#route(delivery, bytes, log, started);
    log.info('vapi-message', {
      type: delivery.type.slice(0, 64),
      callId: delivery.call.callId,
      tenant,
      tools,
      outcome,
      durationMs: Math.round((performance.now() - started) * 10) / 10,
    });
    return { status: 200, jsonBody: body };
  }

  #route(delivery: Delivery, bytes: Uint8Array, log: Logger, started: number): Promise<Answer> {
    switch (delivery.type) {
      case 'assistant-request':
        return this.#assistantRequest(delivery, log, started);
      case 'tool-calls':
        return this.#toolCalls(delivery, log);
      case 'end-of-call-report':
        return this.#endOfCall(delivery, bytes);
      default:
        return this.#tenantFor(delivery).then((tenant) => ({ body: {}, tenant }));
    }
  }

  async #assistantRequest({ call }: Delivery, log: Logger, started: number): Promise<Answer> {
    const { tenants, settings, now } = this.#deps;
    const budget = settings.assistantRequestBudgetMs - (performance.now() - started);
    const lookup = await tenants.find(call, budget);
    if (lookup.kind === 'unavailable')
      log.error('tenant-unavailable', { callId: call.callId, ...errorFields(lookup.cause) });
    const found = lookup.kind === 'found' ? lookup : undefined;
    const decision = await this.#admit('assistant-request', call, found?.tenant.tenantId, 1, log);
    recordMetric('gatehouse.assistant_request.duration', (performance.now() - started) / 1000, {
      'gatehouse.outcome': decision.kind === 'allowed' ? lookup.kind : 'over-limit',
    });
    if (decision.kind !== 'allowed') {
      return {
        body: this.#assistants.overLimit(),
        tenant: found?.tenant.tenantId,
        outcome: `over limit: ${limitNames(decision)}`,
      };
    }
    return {
      body: this.#assistants.answer(lookup, now()),
      tenant: found?.tenant.tenantId,
      outcome: found ? found.source : `${lookup.kind}: ${settings.unknownTenant.choice}`,
    };
  }

  async #toolCalls({ call, message }: Delivery, log: Logger): Promise<Answer> {
    const { tenants, settings, tools, now } = this.#deps;
    const calls = readToolCalls(message);
    const names = calls.slice(0, mostLogged).map((c) => c.name.slice(0, 64));
    const lookup = await tenants.find(call, Math.min(settings.toolTimeoutMs, toolLookupMs));
    if (lookup.kind !== 'found') {
      if (lookup.kind === 'unavailable')
        log.error('tenant-unavailable', { callId: call.callId, ...errorFields(lookup.cause) });
      const error = toolRefusals[lookup.kind];
      return {
        body: { results: calls.map((c) => ({ name: c.name, toolCallId: c.id, error })) },
        tools: names,
        outcome: lookup.kind,
      };
    }
    const { tenantId } = lookup.tenant;
    const decision = await this.#admit('tool-calls', call, tenantId, calls.length, log);
    if (decision.kind !== 'allowed') {
      const error = toolRefusals.busy;
      return {
        body: { results: calls.map((c) => ({ name: c.name, toolCallId: c.id, error })) },
        tenant: tenantId,
        tools: names,
        outcome: `over limit: ${limitNames(decision)}`,
      };
    }
    const context = { tenantId, caller: call.callerNumber, conversationId: call.callId, now: now(), log };
    return {
      body: { results: await runToolCalls(calls, tools, context, settings.toolTimeoutMs) },
      tenant: tenantId,
      tools: names,
    };
  }

  /** Nobody on the line waits for a limit: what is not known yet is admitted from the instance's own share. */
  async #admit(
    operation: 'assistant-request' | 'tool-calls',
    { callerNumber, callId }: Delivery['call'],
    tenant: string | undefined,
    requests: number,
    log: Logger,
  ): Promise<Decision> {
    const subject = {
      ...(tenant === undefined ? {} : { tenant }),
      ...(isNumber(callerNumber) ? { 'phone-number': callerNumber } : {}),
    };
    const decision = await this.#deps.limiter.check(operation, subject, { requests }, 'none');
    if (decision.kind === 'allowed' && decision.shadowed.length > 0)
      log.warn('limit-shadow-refusal', { operation, callId, tenant, limits: decision.shadowed });
    if (decision.kind === 'allowed' && decision.permit.degraded)
      log.warn('limit-degraded', { operation, callId, tenant });
    return decision;
  }

  /** Acknowledged only after body and ticket are stored. */
  async #endOfCall(delivery: Delivery, bytes: Uint8Array): Promise<Answer> {
    const { stores, now } = this.#deps;
    const [tenant] = await Promise.all([
      this.#tenantFor(delivery),
      checkIn(stores, bytes, randomUUID(), now()),
    ]);
    return { body: {}, tenant };
  }

  /** The tenant for the log line of a message whose answer does not depend on it. */
  async #tenantFor({ call }: Delivery): Promise<string | undefined> {
    const lookup = await this.#deps.tenants.find(call, logLookupMs);
    return lookup.kind === 'found' ? lookup.tenant.tenantId : undefined;
  }
}
