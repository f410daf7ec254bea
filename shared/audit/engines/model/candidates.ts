import type { CodeIndex } from '../../retrieval/codeIndex.ts';
import type { Stated } from '../../verdict.ts';
import type { Part } from './parts.ts';

/** Most parts that are asked about one requirement. */
export const mostPartsEach = 3;
/** A part is asked where its best file has at least this share of the best score in the tree. */
const leastShare = 0.5;

/** Which parts are asked about what. */
export interface Candidates {
  /** For each part, in order, the requirements it may show something of. Every requirement is in at least one. */
  asked: Stated[][];
  /** Ids of those that no file ranks for, and that were asked of some parts only: that nothing was found proves nothing. */
  guessed: ReadonlySet<string>;
}

export function candidatesOf(
  requirements: readonly Stated[],
  parts: readonly Part[],
  index: Pick<CodeIndex, 'rank'>,
): Candidates {
  if (parts.length === 1) return { asked: [[...requirements]], guessed: new Set() };
  const partOf = new Map(parts.flatMap(({ files }, n) => files.map(({ path }) => [path, n] as const)));
  const asked: Stated[][] = parts.map(() => []);
  const guessed = new Set<string>();
  for (const one of requirements) {
    const ranked = chosen(one, partOf, index);
    const places = ranked.length > 0 ? ranked : [...parts.keys()].slice(0, mostPartsEach);
    if (ranked.length === 0 && parts.length > mostPartsEach) guessed.add(one.id);
    for (const n of places) asked[n]?.push(one);
  }
  return { asked, guessed };
}

function chosen(
  { requirement }: Stated,
  partOf: ReadonlyMap<string, number>,
  index: Pick<CodeIndex, 'rank'>,
): number[] {
  const best = new Map<number, number>();
  for (const { path, score } of index.rank(requirement)) {
    const part = partOf.get(path);
    if (part !== undefined) best.set(part, Math.max(best.get(part) ?? 0, score));
  }
  const order = [...best].sort(([m, a], [n, b]) => b - a || m - n);
  const [top] = order;
  if (!top) return [];
  return order
    .filter(([, score]) => score >= top[1] * leastShare)
    .slice(0, mostPartsEach)
    .map(([part]) => part)
    .sort((a, b) => a - b);
}
