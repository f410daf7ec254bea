import type { AuditConfig } from '../config/audit.ts';
import { AppError } from '../errors.ts';
import { recordMetric } from '../telemetry/instruments.ts';
import type { Logger } from '../telemetry/logger.ts';
import { traced } from '../telemetry/spans.ts';
import type { ModelCalls } from '../usage/modelCalls.ts';
import type { AnswerCache, CachedAnswer } from './answerCache.ts';
import { cacheKey } from './cacheKey.ts';
import type { AuditEngine, EngineAnswer } from './engines/engine.ts';
import { type AuditResult, buildAuditResult } from './report/auditResult.ts';
import { buildTokenReport } from './report/tokenReport.ts';
import type { AuditInput } from './sourceTree.ts';
import { encodingFor } from './tokens/encoding.ts';
import { countInput, type InputTokens } from './tokens/inputTokens.ts';
import { loadTokenCounter } from './tokens/tokenCounter.ts';
import { Turns } from './turns.ts';
import { type Verdict, worstVerdict } from './verdict.ts';

export interface AuditorDeps {
  settings: Pick<AuditConfig, 'deployment' | 'tokenEncodings' | 'timeoutMs'>;
  engine: AuditEngine;
  cache: AnswerCache;
  /** Told what was saved, where a model is in play. */
  savings: Pick<ModelCalls, 'saved'>;
  now: () => Date;
}

/** Who asks, and where it is logged. */
export interface AuditScope {
  caller: string;
  log: Logger;
}

/** Task, question apart, framing of messages and the answer's schema. */
const promptOverheadTokens = 1_000;

/** Holds a tree against its design: from the cache where exactly this was asked before, else by the engine. */
export class Auditor {
  readonly #deps: AuditorDeps;
  readonly #running = new Map<string, Promise<CachedAnswer>>();

  constructor(deps: AuditorDeps) {
    this.#deps = deps;
  }

  /**
   * @throws AppError `engine-failed`, `engine-timeout`, `design-not-found` where the design states nothing, or a limit's.
   */
  audit(input: AuditInput, scope: AuditScope): Promise<AuditResult> {
    return traced('audit', async (span) => {
      const { settings, engine, cache, now } = this.#deps;
      const { log } = scope;
      const started = performance.now();
      const encoding = encodingFor(settings.deployment, settings.tokenEncodings);
      const key = cacheKey(input, engine, encoding);
      const cached = await cache.get(key, log);
      const { value, isHit } = cached
        ? { value: cached, isHit: true }
        : await this.#askOnce(key, input, encoding, scope);
      const { answer, tokens, createdAt } = value;
      await this.#noteSavings(answer, tokens, isHit, scope);
      const tokenReport = buildTokenReport({
        fileCount: input.files.length,
        encoding,
        tokens,
        usage: answer.usage,
        cacheHit: isHit,
      });
      const verdict = worstVerdict(answer.requirements);
      span.set({
        'gatehouse.engine': engine.name,
        'gatehouse.verdict': verdict,
        'gatehouse.cache_hit': isHit,
      });
      reportAudit(engine.name, verdict, isHit, (performance.now() - started) / 1000);
      log.info('audit', {
        key,
        engine: engine.name,
        model: engine.model,
        files: input.files.length,
        requirements: answer.requirements.length,
        verdict,
        cacheHit: isHit,
        billed: tokenReport.total_tokens_billed,
        durationMs: Math.round(performance.now() - started),
      });
      return buildAuditResult({ key, now: now(), engine, input, answer, answeredAt: createdAt, tokenReport });
    });
  }

  /** Who asks what is being answered already waits for that answer, as if it came from the cache. */
  async #askOnce(
    key: string,
    input: AuditInput,
    encoding: ReturnType<typeof encodingFor>,
    scope: AuditScope,
  ): Promise<{ value: CachedAnswer; isHit: boolean }> {
    const running = this.#running.get(key);
    if (running) return { value: await running, isHit: true };
    const asked = this.#ask(input, encoding, scope).finally(() => this.#running.delete(key));
    this.#running.set(key, asked);
    const value = await asked;
    await this.#deps.cache.put(key, value, scope.log);
    return { value, isHit: false };
  }

  async #ask(
    input: AuditInput,
    encoding: ReturnType<typeof encodingFor>,
    { caller, log }: AuditScope,
  ): Promise<CachedAnswer> {
    const { settings, engine, now } = this.#deps;
    const signal = AbortSignal.timeout(settings.timeoutMs);
    try {
      const count = await loadTokenCounter(encoding);
      const tokens = await countInput(input, count, new Turns(signal));
      const inputTokens = tokens.packed + count(input.question ?? '') + promptOverheadTokens;
      const answer = await engine.assess(input, { signal, log, caller, inputTokens });
      return { answer, tokens, createdAt: now().toISOString() };
    } catch (error) {
      if (error instanceof AppError || !signal.aborted) throw error;
      throw new AppError(
        'engine-timeout',
        'The audit took too long. Audit a smaller tree, or raise GATEHOUSE_AUDIT_TIMEOUT_S.',
        { cause: error },
      );
    }
  }

  /** Packing saves when a model is asked, the cache when it is not. */
  async #noteSavings(
    { usage }: EngineAnswer,
    tokens: InputTokens,
    isHit: boolean,
    { caller, log }: AuditScope,
  ): Promise<void> {
    if (!usage) return;
    const { engine, savings } = this.#deps;
    const model = engine.model ?? engine.name;
    const packed = { input: Math.max(0, tokens.json - tokens.packed), cached: 0, written: 0, output: 0 };
    const cached = {
      input: usage.input_tokens,
      cached: usage.cached_input_tokens,
      written: usage.written_input_tokens,
      output: usage.output_tokens,
    };
    const saved = isHit ? cached : packed;
    const saving = { 'gatehouse.saving': isHit ? 'cache' : 'packing' };
    const { microUsd } = await savings.saved({ deployment: model, caller }, saved, isHit ? 1 : 0, log);
    recordMetric('gatehouse.saved.tokens', saved.input + saved.output, saving);
    if (microUsd !== undefined)
      recordMetric('gatehouse.saved.cost', microUsd / 1_000_000, {
        ...saving,
        'gen_ai.request.model': model,
      });
  }
}

function reportAudit(engine: string, verdict: Verdict, isHit: boolean, seconds: number): void {
  recordMetric('gatehouse.audit.count', 1, { 'gatehouse.verdict': verdict, 'gatehouse.engine': engine });
  recordMetric('gatehouse.audit.duration', seconds, {
    'gatehouse.engine': engine,
    'gatehouse.cache_hit': isHit,
  });
  recordMetric('gatehouse.audit.cache.requests', 1, { 'gatehouse.result': isHit ? 'hit' : 'miss' });
}
