import type { Logger } from '../../../telemetry/logger.ts';
import type { ModelCalls } from '../../../usage/modelCalls.ts';
import type { TokenCounter } from '../../tokens/tokenCounter.ts';
import type { AnswerShape, ModelClient, PromptBlock } from '../openAi/modelQuestion.ts';
import type { Account } from './account.ts';

/** One question of an audit. */
export interface Asked<T> {
  system: string;
  /** What comes first, with tokens as counted. */
  blocks: readonly (PromptBlock & { tokens: number })[];
  task: string;
  cacheKey: string;
  shape: AnswerShape<T>;
  /** Tokens of source in the prompt. */
  sourceTokens: number;
}

export interface AskerDeps {
  client: ModelClient;
  calls: Pick<ModelCalls, 'run'>;
  account: Account;
  count: TokenCounter;
  provider: string;
  deployment: string;
  caller: string;
  maxOutputTokens: number;
  /** Tokens of the source as JSON for each of its packed form. */
  jsonRatio: number;
  signal: AbortSignal;
  log: Logger;
}

/** Framing of messages and the rendered schema. */
const framingTokens = 600;

/** Asks the model within limits, budgets and what this audit may spend, and keeps its accounts. */
export class Asker {
  readonly #deps: AskerDeps;

  constructor(deps: AskerDeps) {
    this.#deps = deps;
  }

  /** @throws AppError of the model, of a limit, or `over-maximum`. */
  async ask<T>({ system, blocks, task, cacheKey, shape, sourceTokens }: Asked<T>): Promise<T> {
    const { client, calls, account, count, provider, deployment, caller, maxOutputTokens, signal, log } =
      this.#deps;
    const inputTokens =
      blocks.reduce((sum, { tokens }) => sum + tokens, 0) + count(system) + count(task) + framingTokens;
    const mostOutput = account.mostOutput(inputTokens, maxOutputTokens);
    const question = {
      system,
      blocks: [...blocks.map(({ text, isShared = false }) => ({ text, isShared })), { text: task }],
      cacheKey,
      shape,
      maxOutputTokens: mostOutput,
    };
    const call = { provider, deployment, caller, inputTokens, maxOutputTokens: mostOutput };
    const moreAsJson = Math.round(sourceTokens * Math.max(0, this.#deps.jsonRatio - 1));
    const answer = await account.spend({ inputTokens, outputTokens: expectedOutput }, (told) =>
      calls.run(
        call,
        async () => {
          const reply = await client.ask(question, signal);
          const { input = 0, output = 0 } = reply.tokens ?? {};
          if (reply.tokens && input + output > 0) told(reply.tokens, moreAsJson);
          return reply;
        },
        signal,
        log,
      ),
    );
    return answer.value;
  }
}

/** What an answer usually takes; its most is a bound that is hardly ever reached. */
const expectedOutput = 2_000;
