import type { TokenEncoding } from '../../../config/audit.ts';
import type { ModelCalls } from '../../../usage/modelCalls.ts';
import { readStatements } from '../../design/statements.ts';
import { fingerprintOf } from '../../fingerprint.ts';
import { CodeIndex } from '../../retrieval/codeIndex.ts';
import type { AuditInput } from '../../sourceTree.ts';
import { readStructure } from '../../structure/codeStructure.ts';
import { undocumentedIn } from '../../structure/undocumented.ts';
import type { SectionCounts } from '../../tokens/sectionCounts.ts';
import { loadTokenCounter, type TokenCounter } from '../../tokens/tokenCounter.ts';
import { Turns } from '../../turns.ts';
import type { Judged, Stated } from '../../verdict.ts';
import type { Assignment, AuditEngine, EngineAnswer, EngineOptions, Estimate } from '../engine.ts';
import type { ModelClient } from '../openAi/modelQuestion.ts';
import { describeVerdicts } from '../summary.ts';
import { Account } from './account.ts';
import { answerShapeVersion } from './answers.ts';
import { Asker } from './asker.ts';
import { assessPart, toGroups } from './assessment.ts';
import { type Candidates, candidatesOf } from './candidates.ts';
import { type ConfirmDeps, confirmGaps } from './confirmation.ts';
import { extractRequirements } from './extraction.ts';
import { advise, answerQuestion } from './extras.ts';
import { mergeOpinions, type PartOpinion } from './merging.ts';
import { estimateAudit, type Plan, planAudit, sourceBudget } from './plan.ts';
import { promptVersion } from './prompts.ts';

export interface ModelEngineOptions {
  name: 'azure-openai' | 'openai-compatible';
  /** Where the model is: another endpoint may run another model under the same name. */
  baseUrl: string;
  /** Deployment (Azure) or model. */
  model: string;
  /** Best known name of the model behind it. */
  modelName: string;
  /** How much it is to think; undefined leaves it to the model. */
  effort: string | undefined;
  client: ModelClient;
  calls: Pick<ModelCalls, 'run' | 'costOf'>;
  sections: SectionCounts;
  encoding: TokenEncoding;
  /** Most tokens of one prompt: what the model takes, and below the price cliff. */
  promptTokens: number;
  maxOutputTokens: number;
  /** Calls side by side. */
  concurrency: number;
}

/** Names in OpenTelemetry's GenAI conventions. */
const providers = { 'azure-openai': 'azure.ai.openai', 'openai-compatible': 'openai' } as const;

/**
 * An audit by a model: requirements are read from the design once, each is judged on the parts of the tree that can show
 * it, quotes are looked up, gaps looked at a second time. Every finished step is remembered by its content.
 */
export class ModelEngine implements AuditEngine {
  readonly name;
  readonly model;
  readonly fingerprint;
  readonly note =
    'Verdicts are a model’s. Every quote was looked up in the source, and every gap that counts was looked at twice.';
  readonly #options: ModelEngineOptions;

  constructor(options: ModelEngineOptions) {
    const { name, baseUrl, model, modelName, effort, promptTokens } = options;
    this.name = name;
    this.model = model;
    this.fingerprint = JSON.stringify([
      name,
      baseUrl,
      model,
      modelName,
      effort ?? null,
      promptVersion,
      answerShapeVersion,
      promptTokens,
    ]);
    this.#options = options;
  }

  async estimate(input: AuditInput, options: EngineOptions, signal: AbortSignal): Promise<Estimate> {
    const { plan } = await this.#plan(input, signal);
    const { concurrency, calls, model } = this.#options;
    const asked = { advice: options.advice, concurrency, question: input.question !== undefined };
    return estimateAudit(input, plan, asked, (tokens) => calls.costOf(model, tokens));
  }

  async assess(input: AuditInput, assignment: Assignment): Promise<EngineAnswer> {
    // Where one question fails, those beside it are not paid for.
    const stop = new AbortController();
    const signal = AbortSignal.any([assignment.signal, stop.signal]);
    try {
      return await this.#assess(input, { ...assignment, signal });
    } catch (error) {
      stop.abort(error);
      throw assignment.signal.aborted ? assignment.signal.reason : error;
    }
  }

  async #assess(input: AuditInput, assignment: Assignment): Promise<EngineAnswer> {
    const { calls, model, client, name, maxOutputTokens, promptTokens } = this.#options;
    const { signal, log, caller, steps, tokens, options } = assignment;
    const { plan, count } = await this.#plan(input, signal);
    const costOf = (used: Parameters<typeof calls.costOf>[1]) => calls.costOf(model, used);
    const account = new Account(costOf, assignment);
    const sourceTokens = plan.counted.reduce((sum, counted) => sum + counted.tokens, 0);
    const jsonRatio = 1 + Math.max(0, tokens.json - tokens.packed) / Math.max(1, sourceTokens);
    const asker = new Asker({
      client,
      calls,
      account,
      count,
      provider: providers[name],
      deployment: model,
      caller,
      maxOutputTokens,
      jsonRatio,
      signal,
      log,
    });
    const { fingerprint } = this;
    const stated = await extractRequirements(input.designs, { asker, account, steps, count, fingerprint });
    const turns = new Turns(signal);
    const index = await CodeIndex.build(input.files, turns);
    const files = new Map(input.files.map((file) => [file.path, file]));
    const candidates = candidatesOf(stated, plan.parts, index);
    const opinions = await this.#askParts(plan, stated, candidates, { asker, account, steps, input });
    const judged = stated
      .map((one) => mergeOpinions(one, opinions.get(one.id) ?? [], files))
      .map((one) => (candidates.guessed.has(one.id) ? withoutProof(one) : one));
    const deps: ConfirmDeps = {
      asker,
      account,
      steps,
      fingerprint,
      index,
      counted: new Map(plan.counted.map((counted) => [counted.file.path, counted])),
      files,
      budget: sourceBudget(promptTokens, 0),
    };
    const confirmed = await confirmGaps(judged, deps);
    const [requirements, answer] = await Promise.all([
      options.advice ? advise(confirmed, deps) : confirmed,
      input.question === undefined ? '' : answerQuestion(input.question, input.designs, count, deps),
    ]);
    account.stage('done', 0);
    return {
      summary: [describeVerdicts(requirements), answer].filter(Boolean).join(' '),
      requirements,
      findings: undocumentedIn(
        await readStructure(index.files, turns),
        input.designs,
        readStatements(input.designs),
      ),
      usage: account.usage(),
    };
  }

  /** What each requirement's parts say of it, by its id, in the order of the parts. */
  async #askParts(
    { parts, design }: Plan,
    stated: readonly Stated[],
    { asked }: Candidates,
    {
      asker,
      account,
      steps,
      input,
    }: Pick<ConfirmDeps, 'asker' | 'account' | 'steps'> & { input: AuditInput },
  ): Promise<Map<string, PartOpinion[]>> {
    account.stage(
      'assessing',
      asked.reduce((sum, list) => sum + toGroups(list).length, 0),
    );
    const cacheKey = `gatehouse-${fingerprintOf(...input.files.slice(0, 1).map(({ path }) => path), ...input.designs.map(({ path }) => path))}`;
    const answers = await Promise.all(
      parts.map((part, n) =>
        assessPart(part, asked[n] ?? [], {
          asker,
          account,
          steps,
          fingerprint: this.fingerprint,
          design,
          isWholeTree: parts.length === 1,
          isAskedAgain: false,
          cacheKey: `${cacheKey}-${n}`,
        }),
      ),
    );
    return new Map(
      stated.map(({ id }) => [
        id,
        answers.flatMap((byId) => {
          const opinion = byId.get(id);
          return opinion ? [opinion] : [];
        }),
      ]),
    );
  }

  async #plan(input: AuditInput, signal: AbortSignal): Promise<{ plan: Plan; count: TokenCounter }> {
    const { encoding, promptTokens, sections } = this.#options;
    const count = await loadTokenCounter(encoding);
    return { plan: await planAudit(input, promptTokens, count, sections, new Turns(signal)), count };
  }
}

/** Nothing found in some parts of a tree proves nothing of the others. */
const withoutProof = (one: Judged): Judged => (one.verdict === 'missing' ? { ...one, verified: false } : one);
