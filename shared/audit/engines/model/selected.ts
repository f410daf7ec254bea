import { packFile } from '../../packing/separatorFormat.ts';
import type { CodeIndex } from '../../retrieval/codeIndex.ts';
import type { SourceFile } from '../../sourceTree.ts';
import type { CountedFile } from './parts.ts';

/** Things to ask about together, with the files most likely to answer. */
export interface Selected<T> {
  about: T[];
  files: SourceFile[];
  tokens: number;
}

/** Most of a file's neighbours that are looked at for one thing. */
const mostFilesEach = 6;

/** What is asked about, with what was quoted for it before. */
interface Thing {
  requirement: string;
  evidence?: readonly { file: string }[];
}

export interface SelectionLimits {
  /** Tokens of source in a prompt. */
  budget: number;
  /** Tokens of a file that goes into a prompt by itself where it is the likeliest; a longer one is left to others. */
  longest: number;
  /** Things in a prompt. */
  mostEach: number;
}

/**
 * Groups things by the files that were quoted for them and those that rank highest: as many things as share a prompt of
 * `budget` tokens of source.
 */
export function selectFiles<T extends Thing>(
  things: readonly T[],
  files: ReadonlyMap<string, CountedFile>,
  index: Pick<CodeIndex, 'rank'>,
  { budget, longest, mostEach }: SelectionLimits,
): Selected<T>[] {
  const groups: (Selected<T> & { paths: Set<string> })[] = [];
  for (const thing of things) {
    const wanted = bestFiles(thing, files, index, { budget, longest });
    const last = groups.at(-1);
    const more = wanted.filter(({ file }) => !last?.paths.has(file.path));
    const size = more.reduce((sum, { tokens }) => sum + tokens, 0);
    const joins = last !== undefined && last.about.length < mostEach && last.tokens + size <= budget;
    const group = joins ? last : { about: [], files: [], tokens: 0, paths: new Set<string>() };
    if (!joins) groups.push(group);
    group.about.push(thing);
    for (const { file, tokens } of joins ? more : wanted) {
      group.paths.add(file.path);
      group.files.push(file);
      group.tokens += tokens;
    }
  }
  return groups.map(({ about, files: chosen, tokens }) => ({
    about,
    files: chosen.toSorted((a, b) => (a.path < b.path ? -1 : 1)),
    tokens,
  }));
}

type FileLimits = Pick<SelectionLimits, 'budget' | 'longest'>;

function bestFiles(
  { requirement, evidence = [] }: Thing,
  files: ReadonlyMap<string, CountedFile>,
  index: Pick<CodeIndex, 'rank'>,
  limits: FileLimits,
): CountedFile[] {
  const paths = new Set([
    ...evidence.map(({ file }) => file),
    ...index.rank(requirement).map(({ path }) => path),
  ]);
  const chosen = thoseThatFit(
    [...paths].flatMap((path) => files.get(path) ?? []),
    limits,
  );
  // Words that stand nowhere in the source, of another language perhaps: a look at nothing would show nothing.
  return chosen.length > 0 ? chosen : thoseThatFit(files.values(), limits);
}

function thoseThatFit(files: Iterable<CountedFile>, { budget, longest }: FileLimits): CountedFile[] {
  const chosen: CountedFile[] = [];
  let size = 0;
  for (const counted of files) {
    if (size + counted.tokens > (chosen.length === 0 ? longest : budget)) continue;
    chosen.push(counted);
    size += counted.tokens;
    if (chosen.length === mostFilesEach) break;
  }
  return chosen;
}

export const packSelected = ({ files }: Pick<Selected<never>, 'files'>) => files.map(packFile).join('');
