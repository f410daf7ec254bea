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

/**
 * Groups things by the files that rank highest for them: as many things as share a prompt of `budget` tokens of source,
 * at most `mostEach` at a time. A file that is too long by itself is left to others.
 */
export function selectFiles<T extends { requirement: string }>(
  things: readonly T[],
  files: ReadonlyMap<string, CountedFile>,
  index: Pick<CodeIndex, 'rank'>,
  { budget, mostEach }: { budget: number; mostEach: number },
): Selected<T>[] {
  const groups: (Selected<T> & { paths: Set<string> })[] = [];
  for (const thing of things) {
    const wanted = bestFiles(thing.requirement, files, index, budget);
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

function bestFiles(
  text: string,
  files: ReadonlyMap<string, CountedFile>,
  index: Pick<CodeIndex, 'rank'>,
  budget: number,
): CountedFile[] {
  const ranked = index.rank(text).flatMap(({ path }) => files.get(path) ?? []);
  const chosen = thoseThatFit(ranked, budget);
  // Words that stand nowhere in the source, of another language perhaps: a look at nothing would show nothing.
  return chosen.length > 0 ? chosen : thoseThatFit(files.values(), budget);
}

function thoseThatFit(files: Iterable<CountedFile>, budget: number): CountedFile[] {
  const chosen: CountedFile[] = [];
  let size = 0;
  for (const counted of files) {
    if (size + counted.tokens > budget) continue;
    chosen.push(counted);
    size += counted.tokens;
    if (chosen.length === mostFilesEach) break;
  }
  return chosen;
}

export const packSelected = ({ files }: Pick<Selected<never>, 'files'>) => files.map(packFile).join('');
