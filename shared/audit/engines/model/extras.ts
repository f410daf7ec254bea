import { z } from 'zod';
import { AppError } from '../../../errors.ts';
import { systemPrompt } from '../../prompt.ts';
import type { SourceFile } from '../../sourceTree.ts';
import type { TokenCounter } from '../../tokens/tokenCounter.ts';
import { gapVerdicts, type Judged } from '../../verdict.ts';
import { adviceShape, opinionShape } from './answers.ts';
import { type ConfirmDeps, secondLookLimits } from './confirmation.ts';
import { oneSentence } from './merging.ts';
import { adviceTask, designBlock, questionTask } from './prompts.ts';
import { rememberedStep } from './rememberedStep.ts';
import { packSelected, selectFiles } from './selected.ts';

const rememberedAdvice = z.record(z.string(), z.string());

/** Says of each gap what could be done: asked by itself, as readers who must propose changes find more fault. */
export async function advise(judged: readonly Judged[], deps: ConfirmDeps): Promise<Judged[]> {
  const { asker, account, fingerprint } = deps;
  const gaps = judged.filter(({ verdict }) => gapVerdicts.has(verdict));
  const limits = secondLookLimits(deps);
  const groups = selectFiles(gaps, deps.counted, deps.index, limits);
  account.stage('confirming', groups.length);
  const given = await Promise.all(
    groups.map((group) => {
      const source = packSelected(group);
      const task = adviceTask(group.about);
      const key = [fingerprint, source, task];
      return rememberedStep({ kind: 'advise', key, schema: rememberedAdvice }, deps, async () => {
        const { advice } = await asker.ask({
          system: systemPrompt,
          blocks: [{ text: source, tokens: group.tokens }],
          task,
          cacheKey: 'gatehouse-advise',
          shape: adviceShape,
          sourceTokens: group.tokens,
        });
        return Object.fromEntries(advice.map(({ id, advice: text }) => [id, oneSentence(text)]));
      });
    }),
  );
  const all = new Map(given.flatMap((byId) => Object.entries(byId)));
  return judged.map((one) => (gaps.includes(one) ? { ...one, advice: all.get(one.id) ?? null } : one));
}

const questionTokens = 60_000;

/** The answer to a question, from the files likeliest to hold it. */
export async function answerQuestion(
  question: string,
  designs: readonly SourceFile[],
  count: TokenCounter,
  deps: ConfirmDeps,
): Promise<string> {
  const { asker, account, fingerprint } = deps;
  account.stage('confirming', 1);
  const budget = Math.min(questionTokens, deps.budget);
  const [group] = selectFiles([{ requirement: question }], deps.counted, deps.index, {
    budget,
    longest: deps.budget,
    mostEach: 1,
  });
  const source = group ? packSelected(group) : '';
  const design = designBlock(designs);
  const tokens = count(design);
  const blocks = tokens > deps.budget - budget ? [] : [{ text: design, tokens }];
  const key = [fingerprint, source, blocks.map(({ text }) => text), question];
  return rememberedStep({ kind: 'question', key, schema: z.string() }, deps, async () =>
    toAnswer(
      await asker.ask({
        system: systemPrompt,
        blocks: [{ text: source, tokens: group?.tokens ?? 0 }, ...blocks].filter(({ text }) => text !== ''),
        task: questionTask(question),
        cacheKey: 'gatehouse-question',
        shape: opinionShape,
        sourceTokens: group?.tokens ?? 0,
      }),
    ),
  );
}

const longestAnswer = 4_000;

function toAnswer({ note }: { note: string }): string {
  const answer = note.trim();
  if (answer !== '') return answer.slice(0, longestAnswer);
  throw new AppError(
    'engine-failed',
    'The model gave no answer to the question. Nothing was cached; try again.',
  );
}
