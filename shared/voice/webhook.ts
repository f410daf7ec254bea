import { randomUUID } from 'node:crypto';
import type { VoiceConfig } from '../config/voice.ts';
import type { Answer as HttpAnswer } from '../http/answer.ts';
import { parseJson } from '../http/body.ts';
import type { Stores } from '../storage/stores.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';
import type { ToolRegistry } from '../tools/registry.ts';
import { type FunctionTool, toFunctionTool } from './assistant/transientAssistant.ts';
import { answerAssistantRequest } from './assistantRequest.ts';
import { checkIn } from './calls/claimCheck.ts';
import { requireVapiSecret } from './credential.ts';
import { type Delivery, readDelivery } from './messages/envelope.ts';
import { readToolCalls } from './messages/toolCalls.ts';
import type { TenantDirectory } from './tenants/tenantDirectory.ts';
import { runToolCalls } from './toolCallResults.ts';

export interface WebhookDeps {
  settings: VoiceConfig;
  tenants: TenantDirectory;
  tools: ToolRegistry;
  stores: Pick<Stores, 'blobs' | 'queues'>;
  now: () => Date;
}

/** How long a log line waits for the name of its tenant. */
const logLookupMs = 250;

/** Longest part of a tool call's time that goes into finding its tenant. */
const toolLookupMs = 2_000;

const toolRefusals = {
  unknown:
    'This line belongs to no business here, so nothing could be recorded. Apologise and ask the caller to ring again later.',
  unavailable:
    'Nothing can be recorded right now. Apologise and offer that the caller rings again in a few minutes.',
};

/** What an answer says of itself in the log line. */
interface Answer {
  body: object;
  tenant?: string | undefined;
  tools?: string[];
  outcome?: string;
}

/** Vapi's server URL: every message in, the answer Vapi waits for out. */
export class VapiWebhook {
  readonly #deps: WebhookDeps;
  readonly #functionTools: readonly FunctionTool[];

  constructor(deps: WebhookDeps) {
    this.#deps = deps;
    this.#functionTools = deps.tools.tools.map(toFunctionTool);
  }

  /** @throws AppError `unauthenticated`. */
  authenticate(headers: Headers): void {
    const { secrets, allowUnauthenticated } = this.#deps.settings;
    if (secrets.length > 0 || !allowUnauthenticated) requireVapiSecret(headers.get('x-vapi-secret'), secrets);
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
      type: delivery.type,
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
    return {
      body: answerAssistantRequest(lookup, settings, this.#functionTools, now()),
      tenant: found?.tenant.tenantId,
      outcome: found ? found.source : `${lookup.kind}: ${settings.unknownTenant.choice}`,
    };
  }

  async #toolCalls({ call, message }: Delivery, log: Logger): Promise<Answer> {
    const { tenants, settings, tools, now } = this.#deps;
    const calls = readToolCalls(message);
    const names = calls.map((c) => c.name.slice(0, 64));
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
    const context = { tenantId, caller: call.callerNumber, conversationId: call.callId, now: now(), log };
    return {
      body: { results: await runToolCalls(calls, tools, context, settings.toolTimeoutMs) },
      tenant: tenantId,
      tools: names,
    };
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
