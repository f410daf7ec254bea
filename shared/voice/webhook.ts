import { randomUUID } from 'node:crypto';
import { AppError } from '../errors.ts';
import type { Answer as HttpAnswer } from '../http/answer.ts';
import { parseJson } from '../http/body.ts';
import { toLimitError } from '../limits/answer.ts';
import type { Limiter } from '../limits/limiter.ts';
import type { Stores } from '../storage/stores.ts';
import { recordMetric } from '../telemetry/instruments.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { ToolRegistry } from '../tools/registry.ts';
import type { Answered, Incoming } from './answers/answered.ts';
import type { AnsweredMessages } from './answers/answeredMessages.ts';
import { answerAssistantRequest } from './answers/assistantRequest.ts';
import { answerHandoff, answerTransfer } from './answers/destinations.ts';
import { answerEndpointing } from './answers/endpointing.ts';
import { noteEvent } from './answers/events.ts';
import { answerKnowledgeBase } from './answers/knowledgeBase.ts';
import { answerPredial } from './answers/predial.ts';
import { answerFunctionCall, answerToolCalls } from './answers/toolCalls.ts';
import { AssistantAnswers } from './assistant/assistantAnswers.ts';
import type { CallStore } from './calls/callStore.ts';
import { checkIn } from './calls/claimCheck.ts';
import { readPathToken } from './credentials/pathToken.ts';
import type { Presented, RefusalReason } from './credentials/presented.ts';
import { createVerifier, type Verifier } from './credentials/verifier.ts';
import { readDelivery } from './messages/envelope.ts';
import type { VoiceConfig } from './settings.ts';
import type { DoNotCallList } from './tenants/doNotCall.ts';
import type { Tenant } from './tenants/tenant.ts';
import type { TenantDirectory } from './tenants/tenantDirectory.ts';

export interface WebhookDeps {
  settings: VoiceConfig;
  limiter: Pick<Limiter, 'check'>;
  tenants: TenantDirectory;
  tools: ToolRegistry;
  doNotCall: Pick<DoNotCallList, 'has'>;
  calls: Pick<CallStore, 'note'>;
  answered: Pick<AnsweredMessages, 'recall' | 'keep'>;
  stores: Pick<Stores, 'blobs' | 'queues'>;
  now: () => Date;
}

/** What is known of a delivery beside its body. */
export interface Arrival {
  /** Named by its address. */
  tenantId?: string | undefined;
  /** Its own, the same when it comes again. */
  messageId?: string | undefined;
  /** `performance.now()` when the request came: what has been spent on it since is off the budget. */
  started?: number;
}

/** Asked again these are answered anew: they change nothing, and a caller waits. */
const fresh = new Set([
  'assistant-request',
  'transfer-destination-request',
  'handoff-destination-request',
  'knowledge-base-request',
  'call.endpointing.request',
  'campaign.predial',
]);

type Answerer = (incoming: Incoming) => Promise<Answered>;

/** How long a log line waits for the name of its tenant. */
const logLookupMs = 250;
/** How long a question of a running call waits for its tenant. */
const lookupMs = 2_000;
/** Nobody is on the line yet. */
const predialLookupMs = 5_000;

/** Vapi's server URL: every message in, the answer Vapi waits for out. */
export class VapiWebhook {
  readonly #deps: WebhookDeps;
  readonly #verifier: Verifier;
  readonly #answerers: Readonly<Record<string, Answerer>>;

  constructor(deps: WebhookDeps) {
    this.#deps = deps;
    const { now } = deps;
    const { credentials, sourceRanges: ranges, replayWindowMs } = deps.settings;
    this.#verifier = createVerifier(credentials, { ranges, replayWindowMs });
    const assistants = new AssistantAnswers({ settings: deps.settings, tools: deps.tools });
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

  /** What deliveries are checked against, for operators; nothing secret. */
  get credentials(): string[] {
    return this.#verifier.describe();
  }

  /** True where the body of a delivery from this address must be read before it can be authenticated. */
  needsBody(address: string | undefined): boolean {
    return this.#verifier.needsBody(address);
  }

  /**
   * Gives the message's own id, where a credential names a header for it.
   * @throws AppError `unauthenticated`; from an address that keeps trying, `quota-exceeded`; `credential-unavailable`
   * where an issuer's keys cannot be had. Whoever has a credential is let in whatever others at the same address have
   * tried: Vapi's addresses are shared.
   */
  async authenticate(presented: Presented): Promise<{ messageId?: string }> {
    const { settings, limiter, now } = this.#deps;
    if (settings.credentials.length === 0 && settings.allowUnauthenticated) return {};
    const verdict = await this.#verifier.verify(presented, now());
    if (verdict.kind === 'accepted')
      return verdict.messageId === undefined ? {} : { messageId: verdict.messageId };
    recordMetric('gatehouse.vapi.refusals', 1, {
      'gatehouse.reason': verdict.kind === 'unavailable' ? 'unavailable' : verdict.reason,
    });
    if (verdict.kind === 'unavailable')
      throw new AppError(
        'credential-unavailable',
        "The keys of the token's issuer cannot be had right now. Send it again.",
        {
          cause: verdict.cause,
          retryAfter: 5,
        },
      );
    const { address } = presented;
    const subject = address === undefined ? {} : { 'source-address': address };
    const decision = await limiter.check('failed-credential', subject, {}, 'none');
    if (decision.kind === 'refused') throw toLimitError(decision, now());
    throw new AppError('unauthenticated', refusals[verdict.reason]);
  }

  /**
   * The tenant that a token in the server URL names; undefined without a token.
   * @throws AppError `not-found` for a token that none of our keys has signed.
   */
  tenantOf(token: string | undefined): string | undefined {
    if (token === undefined) return undefined;
    const tenantId = readPathToken(token, this.#deps.settings.tokenKeys);
    if (tenantId === undefined)
      throw new AppError(
        'not-found',
        'The token in this address is not one of ours. Make one with npm run tenants -- token ID.',
      );
    return tenantId;
  }

  /**
   * Answers one authenticated delivery, and logs one line for it.
   * @throws AppError for an unusable envelope, a report that could not be stored (so that Vapi sends it again), or
   * `not-offered`.
   */
  async answer(
    bytes: Uint8Array,
    log: Logger,
    { tenantId, messageId, started = performance.now() }: Arrival = {},
  ): Promise<HttpAnswer> {
    const { type, message, call: told } = readDelivery(parseJson(bytes));
    const call = tenantId === undefined ? told : { ...told, tenantId };
    const known = Object.hasOwn(this.#answerers, type) ? this.#answerers[type] : undefined;
    const answerer = known ?? ((incoming: Incoming) => noteEvent(incoming, this.#deps));
    const work = () => answerer({ type, message, call, bytes, log, started });
    const isOnce = messageId !== undefined && !fresh.has(type);
    const { body, tenant, tools, outcome } = await (isOnce ? this.#once(messageId, log, work) : work());
    const durationMs = Math.round((performance.now() - started) * 10) / 10;
    recordMetric('gatehouse.vapi.messages', 1, {
      'gatehouse.message_type': known || silent.has(type) ? type : 'other',
    });
    log.info('vapi-message', {
      type: type.slice(0, 64),
      callId: call.callId,
      tenant,
      tools,
      outcome,
      durationMs,
    });
    return typeof body === 'string'
      ? { status: 200, headers: { 'content-type': 'application/json' }, body }
      : { status: 200, jsonBody: body };
  }

  /** The work on a message that bears an id, done unless that is known to have been done. */
  async #once(messageId: string, log: Logger, work: () => Promise<Answered>): Promise<Answered> {
    const { answered, now } = this.#deps;
    const known = await answered.recall(messageId, log);
    if (known !== undefined) return { body: known, outcome: 'repeated' };
    const done = await work();
    const json = typeof done.body === 'string' ? done.body : JSON.stringify(done.body);
    await answered.keep(messageId, json, now(), log);
    return done;
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
    const { tenants, doNotCall } = this.#deps;
    const lookup = await tenants.find(incoming.call, predialLookupMs);
    // Whose list it would be on is not known.
    if (lookup.kind !== 'found') return { body: { eligible: false }, outcome: lookup.kind };
    const { tenantId: tenant } = lookup.tenant;
    const body = await answerPredial(doNotCall, tenant, incoming.message, incoming.log);
    return { body, tenant, outcome: body.eligible ? 'eligible' : 'not-eligible' };
  }

  /** Acknowledged only after body and ticket are stored. */
  async #endOfCall(incoming: Incoming): Promise<Answered> {
    const { stores, now } = this.#deps;
    const [tenant] = await Promise.all([
      this.#tenantFor(incoming),
      checkIn(stores, incoming.bytes, randomUUID(), now(), incoming.call.tenantId),
    ]);
    return { body: {}, tenant };
  }

  /** The tenant of a message whose answer does not depend on it. */
  async #tenantFor({ call }: Incoming): Promise<string | undefined> {
    const lookup = await this.#deps.tenants.find(call, logLookupMs);
    return lookup.kind === 'found' ? lookup.tenant.tenantId : undefined;
  }
}

const refusals: Readonly<Record<RefusalReason, string>> = {
  missing: 'Send a credential: the X-Vapi-Secret header, or another that is configured for this address.',
  wrong:
    'The credential matches none that is configured. X-Vapi-Secret is compared with VAPI_WEBHOOK_SECRET.',
  incomplete: 'The signature came without the timestamp or message id it is made with.',
  stale: 'The signature is too old, or of the future: check the clock, and send it again.',
  address: 'Deliveries are not taken from this address.',
};

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
