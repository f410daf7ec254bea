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
/** Characters of requirements in one question, which must fit beside the source. */
const groupCharacters = 16_000;

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

/** Groups of so many requirements and so many characters at most. */
export function toGroups<T extends Pick<Stated, 'requirement'>>(list: readonly T[]): T[][] {
  const groups: T[][] = [];
  let characters = 0;
  for (const one of list) {
    const open = groups.at(-1);
    const fits = open && open.length < groupSize && characters + one.requirement.length <= groupCharacters;
    if (fits) open.push(one);
    else groups.push([one]);
    characters = (fits ? characters : 0) + one.requirement.length;
  }
  return groups;
}

/**
 * What a part shows of each requirement, by id. Opinions are remembered by all that the model was shown: the part, the design
 * beside it, the requirement's words and headings. Where the source changes, the part that has changed is asked again, and
 * nothing else.
 */
export async function assessPart(
  part: Part,
  requirements: readonly Stated[],
  deps: PartDeps,
): Promise<Map<string, PartOpinion>> {
  const { steps, account, fingerprint } = deps;
  const key = [fingerprint, part.hash, deps.isWholeTree, fingerprintOf(deps.design.text)];
  const known: Remembered = (await steps.get('assess', key, rememberedOpinions)) ?? {};
  const open = requirements.filter((one) => !Object.hasOwn(known, keyOf(one)));
  const groups = toGroups(open);
  const planned = toGroups(requirements).length;
  for (let n = groups.length; n < planned; n++) account.stepDone(true);
  const keep = async (group: readonly Stated[], opinions: ReadonlyMap<string, Opinion>) => {
    for (const one of group) {
      const opinion = opinions.get(one.id);
      if (opinion)
        known[keyOf(one)] = { verdict: opinion.verdict, reason: opinion.reason, evidence: opinion.evidence };
    }
    await steps.put('assess', key, known);
  };
  for (const [n, group] of groups.entries()) {
    await askGroup(part, group, deps.isAskedAgain || groups.length > 1, { ...deps, keep });
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

interface GroupDeps extends PartDeps {
  /** Remembers the opinions of an answer, before anything else can fail. */
  keep(group: readonly Stated[], opinions: ReadonlyMap<string, Opinion>): Promise<void>;
}

/** An answer that was cut off is asked for again in halves; requirements that were left out are asked for once more. */
async function askGroup(
  part: Part,
  group: readonly Stated[],
  isShared: boolean,
  deps: GroupDeps,
): Promise<void> {
  let left = group;
  try {
    for (let tries = 2; tries > 0 && left.length > 0; tries--) {
      const opinions = await askOnce(part, left, isShared, deps);
      await deps.keep(left, opinions);
      left = left.filter(({ id }) => !opinions.has(id));
    }
  } catch (error) {
    const isCut = error instanceof AppError && error.details.reason === cutOff;
    if (!isCut || left.length === 1) throw error;
    for (const half of groupsOf(left, Math.ceil(left.length / 2))) await askGroup(part, half, true, deps);
    return;
  }
  if (left.length > 0)
    throw new AppError(
      'engine-failed',
      'The model left out requirements it was asked about, twice. What it did say is kept; try again.',
    );
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
