import type { AuditConfig } from '../config/audit.ts';
import { AppError } from '../errors.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { AnswerCache, CachedAnswer } from './answerCache.ts';
import { cacheKey } from './cacheKey.ts';
import type { AuditEngine } from './engines/engine.ts';
import { type AuditResult, buildAuditResult } from './report/auditResult.ts';
import { buildTokenReport } from './report/tokenReport.ts';
import type { AuditInput } from './sourceTree.ts';
import { encodingFor } from './tokens/encoding.ts';
import { countInput } from './tokens/inputTokens.ts';
import { loadTokenCounter } from './tokens/tokenCounter.ts';
import { Turns } from './turns.ts';

export interface AuditorDeps {
  settings: Pick<AuditConfig, 'deployment' | 'tokenEncodings' | 'timeoutMs'>;
  engine: AuditEngine;
  cache: AnswerCache;
  now: () => Date;
}

/** Holds a tree against its design: from the cache where exactly this was asked before, else by the engine. */
export class Auditor {
  readonly #deps: AuditorDeps;

  constructor(deps: AuditorDeps) {
    this.#deps = deps;
  }

  /** @throws AppError `engine-failed`, `engine-timeout`, or `design-not-found` where the design states nothing. */
  async audit(input: AuditInput, log: Logger): Promise<AuditResult> {
    const { settings, engine, cache, now } = this.#deps;
    const started = performance.now();
    const encoding = encodingFor(settings.deployment, settings.tokenEncodings);
    const key = cacheKey(input, engine, encoding);
    const cached = await cache.get(key, log);
    const { answer, tokens, createdAt } = cached ?? (await this.#ask(input, encoding));
    if (!cached) await cache.put(key, { answer, tokens, createdAt }, log);
    const tokenReport = buildTokenReport({
      fileCount: input.files.length,
      encoding,
      tokens,
      usage: answer.usage,
      cacheHit: !!cached,
    });
    log.info('audit', {
      key,
      engine: engine.name,
      model: engine.model,
      files: input.files.length,
      requirements: answer.requirements.length,
      cacheHit: !!cached,
      billed: tokenReport.total_tokens_billed,
      durationMs: Math.round(performance.now() - started),
    });
    return buildAuditResult({ key, now: now(), engine, input, answer, answeredAt: createdAt, tokenReport });
  }

  async #ask(input: AuditInput, encoding: ReturnType<typeof encodingFor>): Promise<CachedAnswer> {
    const { settings, engine, now } = this.#deps;
    const signal = AbortSignal.timeout(settings.timeoutMs);
    try {
      const tokens = await countInput(input, await loadTokenCounter(encoding), new Turns(signal));
      const answer = await engine.assess(input, signal);
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
}
