import type { AuditConfig, TokenEncoding } from '../config/audit.ts';
import { AppError } from '../errors.ts';
import type { BlobStore } from '../storage/blobStore.ts';
import { traced } from '../telemetry/spans.ts';
import type { ModelCalls } from '../usage/modelCalls.ts';
import type { AnswerCache, CachedAnswer } from './answerCache.ts';
import type { AuditRequest } from './auditRequest.ts';
import { cacheKey } from './cacheKey.ts';
import type { AuditEngine, Progress, Spent } from './engines/engine.ts';
import { checkMaximum } from './engines/maximum.ts';
import { findInstructions } from './findings/findInstructions.ts';
import { withFingerprints } from './fingerprint.ts';
import { knownGaps } from './gate/compare.ts';
import { type GateTerms, readGateTerms } from './gate/terms.ts';
import type { AuditRunner, Prepared, RunScope } from './jobs/auditRunner.ts';
import type { SharedRuns } from './jobs/sharedRuns.ts';
import type { ProjectRuns } from './projectRuns.ts';
import type { AuditResult } from './report/auditResult.ts';
import { finishResult } from './report/finishResult.ts';
import { buildTokenReport } from './report/tokenReport.ts';
import { noteSavings } from './savings.ts';
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

/** An audit that was looked at before any of it is done. */
export interface PreparedAudit extends Prepared {
  request: AuditRequest;
  terms: GateTerms;
  encoding: TokenEncoding;
  /** The answer, where exactly this was audited before. */
  cached: CachedAnswer | undefined;
  /** Undefined where they were not counted again. */
  tokens: InputTokens | undefined;
}

/** How a run is watched and ended from outside; without a signal it ends after the time set for direct answers. */
export interface AuditRun {
  signal?: AbortSignal;
  progress?: (progress: Progress) => void;
  /** What earlier runs of the same audit used. */
  before?: Spent | undefined;
}

const nothing = { parts: 0, calls: 0, inputTokens: 0, outputTokens: 0, costMicroUsd: 0, seconds: 0 };

/** Holds a tree against its design: from the cache where exactly this was asked before, else by the engine. */
export class Auditor implements AuditRunner {
  readonly #deps: AuditorDeps;

  constructor(deps: AuditorDeps) {
    this.#deps = deps;
  }

  /**
   * Looks an audit up in the cache, and where it is not there estimates what it needs.
   * @throws AppError `invalid-request` for a gate or baseline that cannot be read, `over-maximum`, or `design-not-found`
   * where the design states nothing.
   */
  async prepare(request: AuditRequest, { log }: RunScope, signal = this.#ownTime()): Promise<PreparedAudit> {
    const { settings, engine, cache, sections } = this.#deps;
    const { input, options } = request;
    const terms = readGateTerms(options);
    const encoding = encodingFor(settings.deployment, settings.tokenEncodings);
    const key = cacheKey(input, options, engine, encoding);
    const base = { request, terms, encoding, key };
    const cached = await cache.get(key, log);
    if (cached) return { ...base, cached, isCached: true, tokens: undefined, estimate: nothing };
    return inTime(signal, async () => {
      const tokens = await countInput(input, await loadTokenCounter(encoding), sections, new Turns(signal));
      const estimate = await engine.estimate(input, options, signal);
      checkMaximum(estimate, options);
      return { ...base, cached, isCached: false, tokens, estimate };
    });
  }

  /** {@link prepare} and {@link run} in one. */
  async audit(request: AuditRequest, scope: RunScope, run: AuditRun = {}): Promise<AuditResult> {
    const signal = run.signal ?? this.#ownTime();
    return this.run(await this.prepare(request, scope, signal), scope, { ...run, signal });
  }

  /** @throws AppError `engine-failed`, `engine-timeout`, `over-maximum`, or a limit's; the reason of a signal of its own. */
  run(prepared: PreparedAudit, scope: RunScope, run: AuditRun = {}): Promise<AuditResult> {
    return traced('audit', async (span) => {
      const { engine, projects, savings, now } = this.#deps;
      const { request, key, terms } = prepared;
      const { project } = request.options;
      const started = performance.now();
      const { value, isHit } = await this.#answer(prepared, scope, run);
      await noteSavings(value, isHit, { engine, savings, scope });
      const previous = project === undefined ? undefined : await projects.last(project, scope.log);
      const result = finishResult({
        auditId: key,
        now: now(),
        answeredAt: value.createdAt,
        engine,
        input: request.input,
        answer: value.answer,
        tokenReport: buildTokenReport({
          fileCount: request.input.files.length,
          encoding: prepared.encoding,
          tokens: value.tokens,
          usage: value.answer.usage,
          cacheHit: isHit,
        }),
        terms,
        project,
        previous,
      });
      if (project !== undefined) await projects.note(project, knownGaps(result), previous, scope.log);
      const seconds = (performance.now() - started) / 1000;
      const facts = { engine, files: request.input.files.length, isHit, seconds };
      span.set(reportAudit(result, facts, scope.log));
      return result;
    });
  }

  /** Who asks what is being answered, on whatever instance, waits for that answer, as if it came from the cache. */
  async #answer(
    prepared: PreparedAudit,
    scope: RunScope,
    run: AuditRun,
  ): Promise<{ value: CachedAnswer; isHit: boolean }> {
    const { key, cached } = prepared;
    if (cached) return { value: cached, isHit: true };
    const { cache, shared } = this.#deps;
    const signal = run.signal ?? this.#ownTime();
    return inTime(signal, async () => {
      let found: CachedAnswer | undefined;
      const outcome = await shared.share(key, signal, {
        log: scope.log,
        answered: async () => {
          found = await cache.get(key, scope.log);
          return found !== undefined;
        },
        run: async (ends) => {
          const value = await this.#assess(prepared, scope, ends, run);
          await cache.put(key, value, scope.log);
          return value;
        },
      });
      if (outcome.kind === 'ran') return { value: outcome.value, isHit: false };
      if (found) return { value: found, isHit: true };
      throw new Error('an answer that was there is gone');
    });
  }

  async #assess(
    { request: { input, options }, encoding, tokens: counted }: PreparedAudit,
    { caller, log }: RunScope,
    signal: AbortSignal,
    { progress = () => {}, before }: AuditRun,
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
      before,
      progress,
    });
    // No model decides on these.
    const findings = [
      ...answer.findings,
      ...(await findInstructions([...input.files, ...input.designs], turns)),
    ];
    const requirements = withFingerprints(answer.requirements);
    return { answer: { ...answer, requirements, findings }, tokens, createdAt: now().toISOString() };
  }

  #ownTime(): AbortSignal {
    return AbortSignal.timeout(this.#deps.settings.timeoutMs);
  }
}

/** What ended because time was up is told as that; whoever else ended it knows why. */
async function inTime<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const isTimeout = signal.aborted && (signal.reason as Error | undefined)?.name === 'TimeoutError';
    if (!isTimeout) throw error;
    throw new AppError(
      'engine-timeout',
      'The audit took too long for a direct answer. Send "Prefer: respond-async", audit a smaller tree, or raise GATEHOUSE_AUDIT_TIMEOUT_S.',
      { cause: error },
    );
  }
}
