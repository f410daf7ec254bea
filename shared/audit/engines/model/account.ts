import type { TokenCounts } from '../../../usage/prices/cost.ts';
import type { Assignment, Progress, Spent, Usage } from '../engine.ts';
import { overMaximum } from '../maximum.ts';

/** Micro-dollars of a call's tokens; undefined where the price is not known. */
export type CostOf = (tokens: TokenCounts) => number | undefined;

/** Takes what a call used. */
export type Told = (tokens: TokenCounts, moreAsJson: number) => void;

/** What a call is expected to use. */
export interface Expected {
  inputTokens: number;
  /** Most it may answer. */
  outputTokens: number;
}

/** Models refuse to be asked for less. */
const leastOutput = 256;

/** What one audit has used so far, how far it is, and how much more it may use. */
export class Account {
  readonly #costOf: CostOf;
  readonly #most: Assignment['most'];
  readonly #tell: Assignment['progress'];
  #stage: Progress['stage'] = 'reading';
  #steps = 0;
  #stepsDone = 0;
  #remembered = 0;
  #paidSteps: number;
  readonly #before: Spent | undefined;
  #calls = 0;
  #tokens: TokenCounts = { input: 0, cached: 0, written: 0, output: 0 };
  #cost: { billed: number; uncached: number; as_json: number } | null = {
    billed: 0,
    uncached: 0,
    as_json: 0,
  };
  /** Micro-dollars of the calls whose price is known, also where that of others is not, and of what was expected of those without usage. */
  #spent = 0;
  /** Of calls under way, so that side by side they cannot go beyond what one by one they could not. */
  #open = 0;
  #openCost = 0;
  /** What was expected of answers of which no usage was told. */
  #untold = 0;

  constructor(costOf: CostOf, { most, progress, before }: Pick<Assignment, 'most' | 'progress' | 'before'>) {
    this.#costOf = costOf;
    this.#most = most;
    this.#tell = progress;
    this.#before = before;
    this.#paidSteps = before?.steps ?? 0;
    if (!before) return;
    const { usage } = before;
    this.#calls = usage.calls;
    this.#tokens = {
      input: usage.input_tokens,
      cached: usage.cached_input_tokens,
      written: usage.written_input_tokens,
      output: usage.output_tokens,
    };
    this.#cost = usage.cost && { ...usage.cost };
    this.#spent = before.counted?.costMicroUsd ?? usage.cost?.billed ?? 0;
    this.#untold = before.counted?.tokens ?? 0;
  }

  stage(stage: Progress['stage'], moreSteps: number): void {
    this.#stage = stage;
    this.#steps += moreSteps;
    this.#report();
  }

  stepDone(isRemembered: boolean): void {
    this.#stepsDone += 1;
    if (isRemembered) this.#remembered += 1;
    else this.#paidSteps += 1;
    this.#report();
  }

  /** Most tokens that an answer may have, of `most` that the model may give. */
  mostOutput(inputTokens: number, most: number): number {
    const { tokens } = this.#most;
    if (tokens === undefined) return most;
    const used = this.#used();
    return Math.max(leastOutput, Math.min(most, tokens - used - inputTokens));
  }

  /**
   * Runs a call, which tells what it used as soon as it is known; `moreAsJson` tokens more it would have been with its source
   * as JSON. What is expected of it counts until then, and for good where an answer came without usage.
   * @throws AppError `over-maximum`, before anything is sent, where it could go beyond what may be spent.
   */
  async spend<T>(expected: Expected, call: (told: Told) => Promise<T>): Promise<T> {
    const tokens = expected.inputTokens + expected.outputTokens;
    const { inputTokens: input, outputTokens: output } = expected;
    const price = this.#costOf({ input, cached: 0, written: 0, output });
    const cost = price ?? 0;
    this.#check(tokens, cost);
    this.#open += tokens;
    this.#openCost += cost;
    let isOpen = true;
    const close = () => {
      if (!isOpen) return;
      isOpen = false;
      this.#open -= tokens;
      this.#openCost -= cost;
    };
    try {
      const value = await call((used, moreAsJson) => {
        close();
        this.#add(used, moreAsJson);
      });
      if (isOpen) {
        close();
        this.#addUntold(tokens, price);
      }
      return value;
    } catch (error) {
      close();
      throw error;
    }
  }

  /** An answer of which nobody says what it used: what it cost is known only where it costs nothing. */
  #addUntold(tokens: number, price: number | undefined): void {
    this.#calls += 1;
    this.#untold += tokens;
    this.#spent += price ?? 0;
    if (price !== 0) this.#cost = null;
    this.#report();
  }

  #add(tokens: TokenCounts, moreAsJson: number): void {
    this.#calls += 1;
    const sum = this.#tokens;
    this.#tokens = {
      input: sum.input + tokens.input,
      cached: sum.cached + tokens.cached,
      written: sum.written + tokens.written,
      output: sum.output + tokens.output,
    };
    const plain = { ...tokens, cached: 0, written: 0 };
    const billed = this.#costOf(tokens);
    const uncached = this.#costOf(plain);
    const asJson = this.#costOf({ ...plain, input: plain.input + moreAsJson });
    this.#spent += billed ?? 0;
    this.#cost =
      this.#cost && billed !== undefined && uncached !== undefined && asJson !== undefined
        ? {
            billed: this.#cost.billed + billed,
            uncached: this.#cost.uncached + uncached,
            as_json: this.#cost.as_json + asJson,
          }
        : null;
    this.#report();
  }

  usage(): Usage {
    const { input, cached, written, output } = this.#tokens;
    return {
      calls: this.#calls,
      input_tokens: input,
      output_tokens: output,
      cached_input_tokens: cached,
      written_input_tokens: written,
      total_tokens: input + output,
      remembered_steps: this.#rememberedSteps(),
      cost: this.#cost,
    };
  }

  /** Without those that an earlier run of this audit has paid for. */
  #rememberedSteps(): number {
    const { usage, steps = 0 } = this.#before ?? {};
    return Math.max(usage?.remembered_steps ?? 0, this.#remembered - steps);
  }

  /** Tokens that count against the most there may be. */
  #used(): number {
    return this.#tokens.input + this.#tokens.output + this.#untold + this.#open;
  }

  #check(tokens: number, cost: number): void {
    const { tokens: mostTokens, costMicroUsd: mostCost } = this.#most;
    const used = this.#used();
    if (mostTokens !== undefined && used + tokens > mostTokens) throw overMaximum('maxTokens');
    const spent = this.#spent + this.#openCost;
    if (mostCost !== undefined && spent + cost > mostCost) throw overMaximum('maxCost');
  }

  #report(): void {
    this.#tell({
      stage: this.#stage,
      stepsDone: this.#stepsDone,
      steps: this.#steps,
      tokens: this.#tokens.input + this.#tokens.output,
      costMicroUsd: this.#cost?.billed,
      spent: {
        usage: this.usage(),
        steps: this.#paidSteps,
        counted: { tokens: this.#untold, costMicroUsd: this.#spent },
      },
    });
  }
}
