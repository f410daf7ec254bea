import { randomUUID } from 'node:crypto';
import type { VoiceConfig } from '../config/voice.ts';
import { AppError } from '../errors.ts';
import type { Answer as HttpAnswer } from '../http/answer.ts';
import { parseJson } from '../http/body.ts';
import { sourceAddressOf } from '../http/identity.ts';
import { toLimitError } from '../limits/answer.ts';
import type { Limiter } from '../limits/limiter.ts';
import type { Stores } from '../storage/stores.ts';
import { recordMetric } from '../telemetry/instruments.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ToolRegistry } from '../tools/registry.ts';
import type { Answered, Incoming } from './answers/answered.ts';
import { answerAssistantRequest } from './answers/assistantRequest.ts';
import { answerHandoff, answerTransfer } from './answers/destinations.ts';
import { answerEndpointing } from './answers/endpointing.ts';
import { answerKnowledgeBase } from './answers/knowledgeBase.ts';
import { answerPredial } from './answers/predial.ts';
import { answerFunctionCall, answerToolCalls } from './answers/toolCalls.ts';
import { AssistantAnswers } from './assistant/assistantAnswers.ts';
import { toFunctionTool } from './assistant/transientAssistant.ts';
import { checkIn } from './calls/claimCheck.ts';
import { requireVapiSecret } from './credential.ts';
import { readDelivery } from './messages/envelope.ts';
import type { DoNotCallList } from './tenants/doNotCall.ts';
import type { Tenant } from './tenants/tenant.ts';
import type { TenantDirectory } from './tenants/tenantDirectory.ts';

export interface WebhookDeps {
  settings: VoiceConfig;
  limiter: Pick<Limiter, 'check'>;
  tenants: TenantDirectory;
  tools: ToolRegistry;
  doNotCall: Pick<DoNotCallList, 'has'>;
  stores: Pick<Stores, 'blobs' | 'queues'>;
  now: () => Date;
}

type Answerer = (incoming: Incoming) => Promise<Answered>;

/** How long a log line waits for the name of its tenant. */
const logLookupMs = 250;
/** How long a question of a running call waits for its tenant. */
const lookupMs = 2_000;

/** Vapi's server URL: every message in, the answer Vapi waits for out. */
export class VapiWebhook {
  readonly #deps: WebhookDeps;
  readonly #answerers: Readonly<Record<string, Answerer>>;

  constructor(deps: WebhookDeps) {
    this.#deps = deps;
    const { now } = deps;
    const assistants = new AssistantAnswers(deps.settings, deps.tools.tools.map(toFunctionTool));
    this.#answerers = {
      'assistant-request': (incoming) => answerAssistantRequest(incoming, { ...deps, assistants }),
      'tool-calls': (incoming) => answerToolCalls(incoming, deps),
      'function-call': (incoming) => answerFunctionCall(incoming, deps),
      'transfer-destination-request': (incoming) =>
        this.#ofTenant(incoming, (tenant) => answerTransfer(tenant, incoming.message, now()), notReached),
      'handoff-destination-request': (incoming) =>
        this.#ofTenant(incoming, (tenant) => answerHandoff(tenant, incoming.message, now()), {
          destination: {},
          ...notReached,
        }),
      'knowledge-base-request': (incoming) =>
        this.#ofTenant(incoming, (tenant) => answerKnowledgeBase(tenant, incoming.message), {
          documents: [],
        }),
      'call.endpointing.request': async ({ message }) => ({ body: answerEndpointing(message) }),
      'campaign.predial': (incoming) => this.#predial(incoming),
      'voice-request': notOffered,
      'end-of-call-report': (incoming) => this.#endOfCall(incoming),
    };
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
   * @throws AppError for an unusable envelope, a report that could not be stored (so that Vapi sends it again), or
   * `not-offered`.
   */
  async answer(bytes: Uint8Array, log: Logger): Promise<HttpAnswer> {
    const started = performance.now();
    const delivery = readDelivery(parseJson(bytes));
    const known = Object.hasOwn(this.#answerers, delivery.type) ? this.#answerers[delivery.type] : undefined;
    const answerer = known ?? ((incoming: Incoming) => this.#notice(incoming));
    const { body, tenant, tools, outcome } = await answerer({ ...delivery, bytes, log, started });
    const durationMs = Math.round((performance.now() - started) * 10) / 10;
    recordMetric('gatehouse.vapi.messages', 1, {
      'gatehouse.message_type': known || silent.has(delivery.type) ? delivery.type : 'other',
    });
    log.info('vapi-message', {
      type: delivery.type.slice(0, 64),
      callId: delivery.call.callId,
      tenant,
      tools,
      outcome,
      durationMs,
    });
    return { status: 200, jsonBody: body };
  }

  /** A question that only a tenant's configuration answers; `otherwise` where there is none. */
  async #ofTenant(
    { call }: Incoming,
    answer: (tenant: Tenant) => object,
    otherwise: object,
  ): Promise<Answered> {
    const lookup = await this.#deps.tenants.find(call, lookupMs);
    return lookup.kind === 'found'
      ? { body: answer(lookup.tenant), tenant: lookup.tenant.tenantId }
      : { body: otherwise, outcome: lookup.kind };
  }

  async #predial(incoming: Incoming): Promise<Answered> {
    const tenant = await this.#tenantFor(incoming);
    const body = await answerPredial(this.#deps.doNotCall, tenant, incoming.message, incoming.log);
    return { body, tenant, outcome: body.eligible ? 'eligible' : 'not-eligible' };
  }

  /** Acknowledged only after body and ticket are stored. */
  async #endOfCall(incoming: Incoming): Promise<Answered> {
    const { stores, now } = this.#deps;
    const [tenant] = await Promise.all([
      this.#tenantFor(incoming),
      checkIn(stores, incoming.bytes, randomUUID(), now()),
    ]);
    return { body: {}, tenant };
  }

  /** A message nobody waits for. */
  async #notice(incoming: Incoming): Promise<Answered> {
    return { body: {}, tenant: await this.#tenantFor(incoming) };
  }

  /** The tenant of a message whose answer does not depend on it. */
  async #tenantFor({ call }: Incoming): Promise<string | undefined> {
    const lookup = await this.#deps.tenants.find(call, logLookupMs);
    return lookup.kind === 'found' ? lookup.tenant.tenantId : undefined;
  }
}

const notReached = { error: 'Nobody can be reached right now. Offer to take a message.' };

/** Vapi would play whatever came with a 200. */
const notOffered: Answerer = () => {
  throw new AppError(
    'not-offered',
    'Gatehouse is no voice provider: it makes no speech. Choose a voice provider of Vapi in the assistant.',
  );
};

/** Types of Vapi's contract that want no answer; anything else is counted as other. */
const silent = new Set([
  'status-update',
  'hang',
  'transcript',
  'transcript[transcriptType="final"]',
  'conversation-update',
  'speech-update',
  'assistant.started',
  'assistant.speechStarted',
  'user-interrupted',
  'model-output',
  'transfer-update',
  'phone-call-control',
  'language-changed',
  'language-change-detected',
  'voice-input',
  'chat.created',
  'chat.deleted',
  'session.created',
  'session.updated',
  'session.deleted',
  'call.deleted',
  'call.delete.failed',
  'call.artifact.upload',
]);
