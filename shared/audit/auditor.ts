import type { AuditConfig, TokenEncoding } from '../config/audit.ts';
import { AppError } from '../errors.ts';
import type { BlobStore } from '../storage/blobStore.ts';
import type { Logger } from '../telemetry/logger.ts';
import { traced } from '../telemetry/spans.ts';
import type { ModelCalls } from '../usage/modelCalls.ts';
import type { AnswerCache, CachedAnswer } from './answerCache.ts';
import type { AuditRequest } from './auditRequest.ts';
import { cacheKey } from './cacheKey.ts';
import type { AuditEngine, Estimate, Progress } from './engines/engine.ts';
import { findBeside } from './findings/findBeside.ts';
import { checkMaximum } from './maximum.ts';
import type { ProjectRuns } from './projectRuns.ts';
import type { AuditResult } from './report/auditResult.ts';
import { toResult } from './report/toResult.ts';
import { noteSavings } from './savings.ts';
import type { SharedRuns } from './sharedRuns.ts';
import { BlobStepMemory } from './stepStore.ts';
import { reportAudit } from './telemetry.ts';
import { encodingFor } from './tokens/encoding.ts';
import { countInput, type InputTokens } from './tokens/inputTokens.ts';
import type { SectionCounts } from './tokens/sectionCounts.ts';
import { loadTokenCounter } from './tokens/tokenCounter.ts';
import { Turns } from './turns.ts';

export interface AuditorDeps {
  settings: Pick<AuditConfig, 'deployment' | 'tokenEncodings' | 'timeoutMs'>;
  engine: AuditEngine;
  cache: AnswerCache;
  /** Where finished steps are remembered. */
  blobs: Pick<BlobStore, 'get' | 'put'>;
  projects: ProjectRuns;
  shared: SharedRuns;
  sections: SectionCounts;
  /** Told what was saved, where a model is in play. */
  savings: Pick<ModelCalls, 'saved'>;
  now: () => Date;
}

/** Who asks, and where it is logged. */
export interface AuditScope {
  caller: string;
  log: Logger;
}

/** An audit that was looked at before any of it is done. */
export interface PreparedAudit {
  request: AuditRequest;
  /** Content hash under which the engine's answer is cached. */
  key: string;
  encoding: TokenEncoding;
  /** The answer, where exactly this was audited before. */
  cached: CachedAnswer | undefined;
  /** What it will need; nothing where it is answered already. */
  estimate: Estimate | undefined;
  tokens: InputTokens | undefined;
}

/** How a run is watched and ended from outside; without a signal it ends after the time set for direct answers. */
export interface AuditRun {
  signal?: AbortSignal;
  progress?: (progress: Progress) => void;
}

/** Holds a tree against its design: from the cache where exactly this was asked before, else by the engine. */
export class Auditor {
  readonly #deps: AuditorDeps;

  constructor(deps: AuditorDeps) {
    this.#deps = deps;
  }

  /**
   * Looks an audit up in the cache, and where it is not there estimates what it needs.
   * @throws AppError `over-maximum`, or `design-not-found` where the design states nothing.
   */
  async prepare(
    request: AuditRequest,
    { log }: AuditScope,
    signal = this.#ownTime(),
  ): Promise<PreparedAudit> {
    const { settings, engine, cache } = this.#deps;
    const { input, options } = request;
    const encoding = encodingFor(settings.deployment, settings.tokenEncodings);
    const key = cacheKey(input, options, engine, encoding);
    const cached = await cache.get(key, log);
    if (cached) return { request, key, encoding, cached, estimate: undefined, tokens: undefined };
    return this.#inTime(signal, async () => {
      const count = await loadTokenCounter(encoding);
      const tokens = await countInput(input, count, this.#deps.sections, new Turns(signal));
      const estimate = await engine.estimate(input, options, signal);
      checkMaximum(estimate, options);
      return { request, key, encoding, cached, estimate, tokens };
    });
  }

  /** {@link prepare} and {@link run} in one. */
  async audit(request: AuditRequest, scope: AuditScope, run: AuditRun = {}): Promise<AuditResult> {
    return this.run(await this.prepare(request, scope, run.signal), scope, run);
  }

  /** @throws AppError `engine-failed`, `engine-timeout`, `over-maximum`, or a limit's. */
  run(prepared: PreparedAudit, scope: AuditScope, run: AuditRun = {}): Promise<AuditResult> {
    return traced('audit', async (span) => {
      const { engine, projects, savings, now } = this.#deps;
      const { request, key, encoding } = prepared;
      const { input, options } = request;
      const started = performance.now();
      const { value, isHit } = prepared.cached
        ? { value: prepared.cached, isHit: true }
        : await this.#runOnce(prepared, scope, run);
      await noteSavings(value, isHit, { engine, savings, scope });
      const { project } = options;
      const previous = project === undefined ? undefined : await projects.last(project, scope.log);
      const { result, gaps } = toResult({
        key,
        now: now(),
        engine,
        request,
        encoding,
        cached: value,
        cacheHit: isHit,
        previous,
      });
      if (project !== undefined && JSON.stringify(gaps) !== JSON.stringify(previous))
        await projects.note(project, gaps, scope.log);
      const seconds = (performance.now() - started) / 1000;
      span.set(reportAudit(result, { engine, files: input.files.length, isHit, seconds }, scope.log));
      return result;
    });
  }

  /** Who asks what is being answered, on whatever instance, waits for that answer, as if it came from the cache. */
  async #runOnce(
    prepared: PreparedAudit,
    scope: AuditScope,
    run: AuditRun,
  ): Promise<{ value: CachedAnswer; isHit: boolean }> {
    const { cache, shared } = this.#deps;
    const signal = run.signal ?? this.#ownTime();
    return this.#inTime(signal, async () => {
      const { value, isOwn } = await shared.run(prepared.key, signal, {
        answered: () => cache.get(prepared.key, scope.log),
        run: async () => {
          const answer = await this.#assess(prepared, scope, signal, run.progress);
          await cache.put(prepared.key, answer, scope.log);
          return answer;
        },
      });
      return { value, isHit: !isOwn };
    });
  }

  async #assess(
    { request: { input, options }, encoding, tokens: counted }: PreparedAudit,
    { caller, log }: AuditScope,
    signal: AbortSignal,
    progress: AuditRun['progress'] = () => {},
  ): Promise<CachedAnswer> {
    const { engine, blobs, sections, now } = this.#deps;
    const turns = new Turns(signal);
    const tokens = counted ?? (await countInput(input, await loadTokenCounter(encoding), sections, turns));
    const answer = await engine.assess(input, {
      options: { advice: options.advice },
      signal,
      log,
      caller,
      tokens,
      steps: new BlobStepMemory(blobs, log),
      most: { tokens: options.maxTokens, costMicroUsd: options.maxCostMicroUsd },
      progress,
    });
    const findings = [...answer.findings, ...(await findBeside(input, turns))];
    return { answer: { ...answer, findings }, tokens, createdAt: now().toISOString() };
  }

  #ownTime(): AbortSignal {
    return AbortSignal.timeout(this.#deps.settings.timeoutMs);
  }

  /** What a signal ended because time was up is told as that; whoever else ended it knows why. */
  async #inTime<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      const isTimeout = signal.aborted && (signal.reason as Error | undefined)?.name === 'TimeoutError';
      if (error instanceof AppError || !isTimeout) throw error;
      throw new AppError(
        'engine-timeout',
        'The audit took too long for a direct answer. Send "Prefer: respond-async", audit a smaller tree, or raise GATEHOUSE_AUDIT_TIMEOUT_S.',
        { cause: error },
      );
    }
  }
}
