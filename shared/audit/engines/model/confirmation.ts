import { z } from 'zod';
import { AppError } from '../../../errors.ts';
import { locateAll } from '../../evidence.ts';
import { systemPrompt } from '../../prompt.ts';
import type { CodeIndex } from '../../retrieval/codeIndex.ts';
import type { SourceFile } from '../../sourceTree.ts';
import { gapVerdicts, type Judged, type Verdict, verdicts } from '../../verdict.ts';
import type { StepMemory } from '../stepMemory.ts';
import type { Account } from './account.ts';
import { claimSchema, type Opinion, opinionShape } from './answers.ts';
import type { Asker } from './asker.ts';
import { oneSentence } from './merging.ts';
import type { CountedFile } from './parts.ts';
import { confirmTask } from './prompts.ts';
import { rememberedStep } from './rememberedStep.ts';
import { packSelected, type Selected, selectFiles } from './selected.ts';

export const mostGapsEach = 8;
/** Source in one question: the second look is a cheap one. */
export const confirmTokens = 24_000;

const remembered = z.array(
  z.object({ id: z.string(), verdict: z.enum(verdicts), reason: z.string(), evidence: z.array(claimSchema) }),
);

export interface ConfirmDeps {
  asker: Asker;
  account: Account;
  steps: StepMemory;
  fingerprint: string;
  index: Pick<CodeIndex, 'rank'>;
  counted: ReadonlyMap<string, CountedFile>;
  files: ReadonlyMap<string, SourceFile>;
  budget: number;
}

/**
 * Looks a second time, at the likeliest files alone, at every gap that could fail a build. What the second look can
 * disprove with a quote that is there is no gap any more; what it merely doubts stays, not verified.
 */
export async function confirmGaps(judged: readonly Judged[], deps: ConfirmDeps): Promise<Judged[]> {
  const gaps = judged.filter(({ verdict, verified }) => verified && gapVerdicts.has(verdict));
  const limits = secondLookLimits(deps);
  const groups = selectFiles(gaps, deps.counted, deps.index, limits);
  deps.account.stage('confirming', groups.length);
  const looks = await Promise.all(groups.map((group) => lookAgain(group, deps)));
  const second = new Map(looks.flat().map((opinion) => [opinion.id, opinion]));
  return judged.map((one) => (gaps.includes(one) ? weigh(one, second.get(one.id), deps.files) : one));
}

function lookAgain(group: Selected<Judged>, deps: ConfirmDeps): Promise<Opinion[]> {
  const source = packSelected(group);
  const key = [deps.fingerprint, source, confirmTask(group.about)];
  return rememberedStep({ kind: 'confirm', key, schema: remembered }, deps, () => ask(group, source, deps));
}

/** What was left out is asked for once more: silence is no doubt, and must not take a gap out of the gate. */
async function ask(group: Selected<Judged>, source: string, { asker }: ConfirmDeps): Promise<Opinion[]> {
  const given: Opinion[] = [];
  for (let tries = 2; ; tries--) {
    const left = group.about.filter(({ id }) => !given.some((opinion) => opinion.id === id));
    if (left.length === 0) return given;
    if (tries === 0)
      throw new AppError(
        'engine-failed',
        'The model left out gaps it was asked to look at again, twice. Nothing was cached; try again.',
      );
    const { verdicts: said } = await asker.ask({
      system: systemPrompt,
      blocks: [{ text: source, tokens: group.tokens }],
      task: confirmTask(left),
      cacheKey: 'gatehouse-confirm',
      shape: opinionShape,
      sourceTokens: group.tokens,
    });
    given.push(...said.filter(({ id }) => left.some((one) => one.id === id)));
  }
}

const better: ReadonlySet<Verdict> = new Set(['implemented', 'partial']);

/** The first verdict in the light of the second. */
export function weigh(
  first: Judged,
  second: Opinion | undefined,
  files: ReadonlyMap<string, SourceFile>,
): Judged {
  if (!second) return { ...first, verified: false };
  const evidence = locateAll(second.evidence, files);
  const isShown = better.has(second.verdict) && evidence.length > 0;
  // Both have seen a gap, or what was missed is shown.
  if (first.verdict === 'missing' && isShown)
    return {
      ...first,
      verdict: second.verdict,
      reason: oneSentence(second.reason),
      evidence,
      verified: true,
    };
  return {
    ...first,
    verified:
      gapVerdicts.has(second.verdict) &&
      !(second.verdict === 'partial' && isShown && first.verdict === 'contradicted'),
  };
}

/** A second look is a cheap one, unless the one file that can tell is long. */
export const secondLookLimits = ({ budget }: Pick<ConfirmDeps, 'budget'>) => ({
  budget: Math.min(confirmTokens, budget),
  longest: budget,
  mostEach: mostGapsEach,
});
