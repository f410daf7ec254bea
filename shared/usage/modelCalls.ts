import { setTimeout as sleep } from 'node:timers/promises';
import { raceDeadline } from '../deadline.ts';
import { AppError } from '../errors.ts';
import { toLimitError } from '../limits/answer.ts';
import type { Decision } from '../limits/decision.ts';
import type { Limiter, Subject } from '../limits/limiter.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';
import { type SpanHandle, traced } from '../telemetry/spans.ts';
import { backoffMs } from './backoff.ts';
import { amountsOf, billOf, priceOf, wholeTokens } from './bill.ts';
import type { BudgetWarnings } from './budgetWarnings.ts';
import { Gate } from './gate.ts';
import type { Ledger } from './ledger/ledger.ts';
import { reportModelCall } from './modelMetrics.ts';
import { type TokenCounts, worstCostMicroUsd } from './prices/cost.ts';
import { type Deployments, type ResolvedPrice, resolvePrice } from './prices/deployments.ts';

/** What is to be called, for whom, and how much it can use at most. */
export interface ModelCall {
  /** Name in the GenAI conventions: `azure.ai.openai`, `openai`. */
  provider: string;
  deployment: string;
  caller?: string | undefined;
  tenant?: string | undefined;
  /** Counted beforehand. */
  inputTokens: number;
  maxOutputTokens: number;
}

/** What the service said to one try. Tokens are told whenever they were billed. */
export type ModelReply<T> = {
  tokens?: TokenCounts | undefined;
  /** The model that answered, as it names itself. */
  model?: string | undefined;
} & (
  | { ok: true; value: T; finishReason?: string | undefined }
  | {
      ok: false;
      error: AppError;
      /** The service is at its rate limit, for all of us. */
      isThrottled: boolean;
      /** Trying again can help. */
      isRetryable: boolean;
      retryAfterMs?: number | undefined;
      /** Whether the service did the work, and bills it, is not known: the connection broke, or time ran out. */
      isUnknown?: boolean;
    }
);

export interface ModelCallsDeps {
  limiter: Limiter;
  ledger: Ledger;
  deployments: Deployments;
  warnings: BudgetWarnings;
  /** Calls under way at a time, for each deployment and instance. */
  concurrency: number;
  /** Tries of one call, the first included. */
  attempts: number;
  now: () => Date;
  random?: () => number;
}

type Allowed = Extract<Decision, { kind: 'allowed' }>;

/** A service that is at its limit and does not say for how long. */
const throttledMs = 5_000;
/** A client is told to come again rather than kept longer than this between tries. */
const longestWaitMs = 30_000;
/** Longest wait for the limits to be told what was used. */
const settleMs = 2_000;

/**
 * Every call of a model goes through here: what it can cost is reserved before, in requests, tokens and money; what it
 * did cost is settled and written down after; failures give back what they did not use.
 */
export class ModelCalls {
  readonly #deps: ModelCallsDeps;
  readonly #gates = new Map<string, Gate>();
  /** The model each deployment has named last. */
  readonly #reported = new Map<string, string>();

  constructor(deps: ModelCallsDeps) {
    this.#deps = deps;
  }

  /**
   * Runs `attempt` until it succeeds, within the limits, the number of tries and the signal.
   * @throws AppError: the last try's; `quota-exceeded`, `budget-spent` or another of the limits; `misconfigured` where a
   * budget applies and the deployment's price is not known. Or the signal's reason where it ends the wait for a place.
   */
  run<T>(
    call: ModelCall,
    attempt: () => Promise<ModelReply<T>>,
    signal: AbortSignal,
    log: Logger,
  ): Promise<T> {
    let gate = this.#gates.get(call.deployment);
    if (!gate) {
      gate = new Gate(this.#deps.concurrency);
      this.#gates.set(call.deployment, gate);
    }
    return gate.run(signal, () => this.#tries(call, attempt, signal, log));
  }

  /** What tokens of a deployment cost, in micro-dollars; undefined where its price is not known. */
  costOf(deployment: string, tokens: TokenCounts): number | undefined {
    return priceOf(this.#price(deployment), wholeTokens(tokens));
  }

  /** Writes down what was not spent: tokens and the money they would have cost. */
  async saved(
    call: Pick<ModelCall, 'deployment' | 'caller' | 'tenant'>,
    told: TokenCounts,
    cacheHits: 0 | 1,
    log: Logger,
  ): Promise<{ microUsd: number | undefined }> {
    const price = this.#price(call.deployment);
    const tokens = wholeTokens(told);
    const microUsd = priceOf(price, tokens);
    const amounts = { cacheHits, savedTokens: tokens.input + tokens.output, savedCost: microUsd ?? 0 };
    await this.#record(call, price.model, amounts, log);
    return { microUsd };
  }

  #price(deployment: string, reported = this.#reported.get(deployment)): ResolvedPrice {
    return resolvePrice(deployment, reported, this.#deps.deployments);
  }

  async #tries<T>(
    call: ModelCall,
    attempt: () => Promise<ModelReply<T>>,
    signal: AbortSignal,
    log: Logger,
  ): Promise<T> {
    const { attempts, random = Math.random, limiter } = this.#deps;
    for (let n = 1; ; n++) {
      const allowed = await this.#reserve(call, log);
      const reply = await this.#attempt(call, attempt, allowed, log);
      if (reply.ok) return reply.value;
      const { error, isThrottled, isRetryable, retryAfterMs } = reply;
      if (isThrottled)
        await limiter.block('model-call', subjectOf(call), 'deployment', retryAfterMs ?? throttledMs);
      const waitMs = backoffMs(n, retryAfterMs ?? (isThrottled ? throttledMs : undefined), random);
      if (!isRetryable || n >= attempts || waitMs > longestWaitMs) throw error;
      log.warn('model-call-retry', { deployment: call.deployment, attempt: n, waitMs, code: error.code });
      await sleep(waitMs, undefined, { signal }).catch(() => {
        throw error;
      });
    }
  }

  async #reserve(call: ModelCall, log: Logger): Promise<Allowed> {
    const { limiter, now } = this.#deps;
    const price = this.#price(call.deployment);
    if (price.kind === 'unknown' && limiter.hasPolicy('model-call', subjectOf(call), 'microdollars')) {
      throw new AppError(
        'misconfigured',
        `A budget applies, and the price of the deployment "${call.deployment}" is not known. Name its model or price in GATEHOUSE_DEPLOYMENTS.`,
      );
    }
    const { inputTokens: input, maxOutputTokens: maxOutput } = call;
    const decision = await limiter.check('model-call', subjectOf(call), {
      requests: 1,
      tokens: input + maxOutput,
      microdollars: price.kind === 'priced' ? worstCostMicroUsd({ input, maxOutput }, price.price) : 0,
    });
    if (decision.kind !== 'allowed') throw toLimitError(decision, now());
    const { deployment } = call;
    const limits = decision.shadowed;
    if (limits.length > 0) log.warn('limit-shadow-refusal', { operation: 'model-call', deployment, limits });
    return decision;
  }

  /** One try as a span, settled and written down whatever comes of it. */
  #attempt<T>(
    call: ModelCall,
    attempt: () => Promise<ModelReply<T>>,
    allowed: Allowed,
    log: Logger,
  ): Promise<ModelReply<T>> {
    const began = performance.now();
    return traced(
      `chat ${call.deployment}`,
      async (span) => {
        let reply: ModelReply<T>;
        try {
          reply = await attempt();
        } catch (error) {
          allowed.permit.release();
          throw error;
        }
        await this.#settle(call, reply, allowed, (performance.now() - began) / 1000, span, log);
        return reply;
      },
      {
        kind: 'client',
        attributes: {
          'gen_ai.operation.name': 'chat',
          'gen_ai.provider.name': call.provider,
          'gen_ai.request.model': call.deployment,
          'gen_ai.request.max_tokens': call.maxOutputTokens,
        },
      },
    );
  }

  async #settle<T>(
    call: ModelCall,
    reply: ModelReply<T>,
    { permit, limits }: Allowed,
    seconds: number,
    span: SpanHandle,
    log: Logger,
  ): Promise<void> {
    const { model: reported } = reply;
    if (reported) this.#reported.set(call.deployment, reported);
    const price = this.#price(call.deployment, reported);
    const mayBeBilled = reply.ok || reply.isUnknown === true;
    const bill = billOf(mayBeBilled, reply.tokens, price);
    const { tokens, used, cost, isTold } = bill;
    const outcome = reply.ok ? 'done' : reply.error.code;
    span.set({
      'gen_ai.response.model': reported,
      'gen_ai.usage.input_tokens': tokens?.input,
      'gen_ai.usage.output_tokens': tokens?.output,
      'gen_ai.usage.cache_read.input_tokens': tokens?.cached,
      'gen_ai.usage.cache_creation.input_tokens': tokens?.written,
      'gen_ai.response.finish_reasons': reply.ok && reply.finishReason ? [reply.finishReason] : undefined,
      'error.type': reply.ok ? undefined : outcome,
    });
    const { provider, deployment } = call;
    reportModelCall({ provider, model: deployment, outcome, seconds, bill });
    const money = cost === undefined ? {} : { microdollars: cost };
    const settled = permit.settle(isTold ? { tokens: used, ...money } : {});
    const amounts = amountsOf(reply.ok, bill);
    // A store that hangs is told with the limiter's next write; nobody waits for that.
    const told = raceDeadline(settled, settleMs);
    await Promise.all([told, this.#record(call, price.model, amounts, log)]);
    this.#deps.warnings.look(limits(), subjectOf(call), this.#deps.now(), log);
    const { cost: costMicroUsd, ...counts } = amounts;
    const durationMs = Math.round(seconds * 1000);
    log.info('model-call', { deployment, model: price.model, outcome, ...counts, costMicroUsd, durationMs });
  }

  /** Usage that neither table nor queue took is in the log: an answer that was paid for is not withheld for it. */
  async #record(
    { caller, tenant }: Pick<ModelCall, 'caller' | 'tenant'>,
    model: string,
    amounts: Parameters<Ledger['record']>[0]['amounts'],
    log: Logger,
  ): Promise<void> {
    try {
      await this.#deps.ledger.record({ model, caller, tenant, amounts });
    } catch (error) {
      log.error('usage-not-recorded', { model, ...amounts, ...errorFields(error) });
    }
  }
}

function subjectOf({ deployment, caller, tenant }: ModelCall): Subject {
  return {
    deployment,
    ...(caller === undefined ? {} : { caller }),
    ...(tenant === undefined ? {} : { tenant }),
  };
}
