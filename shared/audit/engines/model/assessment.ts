import { z } from 'zod';
import { AppError } from '../../../errors.ts';
import { fingerprintOf } from '../../fingerprint.ts';
import { pack } from '../../packing/separatorFormat.ts';
import { systemPrompt } from '../../prompt.ts';
import { type Stated, verdicts } from '../../verdict.ts';
import { cutOff } from '../openAi/heard.ts';
import type { StepMemory } from '../stepMemory.ts';
import type { Account } from './account.ts';
import { claimSchema, type Opinion, opinionShape } from './answers.ts';
import type { Asker } from './asker.ts';
import type { PartOpinion } from './merging.ts';
import type { Part } from './parts.ts';
import { assessTask } from './prompts.ts';

/** Requirements in one question: more would be more than a model answers with care, and within its output limit. */
export const groupSize = 30;

const rememberedOpinions = z.record(
  z.string(),
  z.object({ verdict: z.enum(verdicts), reason: z.string(), evidence: z.array(claimSchema) }),
);
type Remembered = z.infer<typeof rememberedOpinions>;

export interface PartDeps {
  asker: Asker;
  account: Account;
  steps: StepMemory;
  fingerprint: string;
  /** The design as it stands in the prompt; empty where it is too long to go along. */
  design: { text: string; tokens: number };
  isWholeTree: boolean;
  /** True where other questions about the same part follow. */
  isAskedAgain: boolean;
  cacheKey: string;
}

export function groupsOf<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, i) =>
    list.slice(i * size, (i + 1) * size),
  );
}

/**
 * What a part shows of each requirement, by id. Opinions are remembered by the part's content and the requirement's words and
 * headings: where either changed, that is asked and paid for again, and nothing else.
 */
export async function assessPart(
  part: Part,
  requirements: readonly Stated[],
  deps: PartDeps,
): Promise<Map<string, PartOpinion>> {
  const { steps, account, fingerprint } = deps;
  const key = [fingerprint, part.hash, deps.isWholeTree];
  const known: Remembered = (await steps.get('assess', key, rememberedOpinions)) ?? {};
  const open = requirements.filter((one) => !Object.hasOwn(known, keyOf(one)));
  const groups = groupsOf(open, groupSize);
  const planned = Math.ceil(requirements.length / groupSize);
  for (let n = groups.length; n < planned; n++) account.stepDone(true);
  for (const [n, group] of groups.entries()) {
    const isShared = deps.isAskedAgain || groups.length > 1;
    const opinions = await askGroup(part, group, isShared, deps);
    for (const one of group) {
      const opinion = opinions.get(one.id);
      if (opinion)
        known[keyOf(one)] = { verdict: opinion.verdict, reason: opinion.reason, evidence: opinion.evidence };
    }
    await steps.put('assess', key, known);
    if (n < planned) account.stepDone(false);
  }
  return new Map(
    requirements.flatMap((one) => {
      const opinion = known[keyOf(one)];
      return opinion ? [[one.id, opinion]] : [];
    }),
  );
}

/** By all a model is told of it: the same words under another heading are another requirement, and so is `maxSize` for `max_size`. */
const keyOf = ({ requirement, section }: Stated) => fingerprintOf('asked', requirement, ...section);

/** An answer that was cut off is asked for again in halves; requirements that were left out are asked for once more. */
async function askGroup(
  part: Part,
  group: readonly Stated[],
  isShared: boolean,
  deps: PartDeps,
): Promise<Map<string, Opinion>> {
  try {
    const first = await askOnce(part, group, isShared, deps);
    const left = group.filter(({ id }) => !first.has(id));
    if (left.length === 0) return first;
    const second = await askOnce(part, left, isShared, deps);
    if (left.some(({ id }) => !second.has(id)))
      throw new AppError(
        'engine-failed',
        'The model left out requirements it was asked about, twice. Nothing was cached; try again.',
      );
    return new Map([...first, ...second]);
  } catch (error) {
    const isCut = error instanceof AppError && error.details.reason === cutOff;
    if (!isCut || group.length === 1) throw error;
    const half = Math.ceil(group.length / 2);
    const first = await askGroup(part, group.slice(0, half), true, deps);
    return new Map([...first, ...(await askGroup(part, group.slice(half), true, deps))]);
  }
}

async function askOnce(
  part: Part,
  group: readonly Stated[],
  isShared: boolean,
  { asker, design, isWholeTree, cacheKey }: PartDeps,
): Promise<Map<string, Opinion>> {
  const source = { text: pack(part.files), tokens: part.tokens };
  const blocks = design.text === '' ? [{ ...source, isShared }] : [source, { ...design, isShared }];
  const { verdicts: given } = await asker.ask({
    system: systemPrompt,
    blocks,
    task: assessTask(group, isWholeTree),
    cacheKey,
    shape: opinionShape,
    sourceTokens: part.tokens,
  });
  const asked = new Set(group.map(({ id }) => id));
  return new Map(given.filter(({ id }) => asked.has(id)).map((opinion) => [opinion.id, opinion]));
}
