import { readFile, realpath } from 'node:fs/promises';
import { basename, isAbsolute, relative, resolve, sep } from 'node:path';
import { codeOf, Failure } from '../failure.ts';
import type { Tree } from '../tree/readTree.ts';

/** A file that was named beside the tree: a design, or the baseline. */
export type Document =
  | { where: 'tree'; path: string }
  /** `name` is what the service calls it. */
  | { where: 'outside'; name: string; absolute: string; content: Buffer };

/**
 * Finds the files by the paths they were given, from the current folder or, where nothing is there, from the audited one.
 * @throws Failure for a file that is not there, and for a path that means another file in either
 */
export async function findDocuments(
  given: readonly string[],
  option: string,
  tree: Tree,
  cwd: string,
): Promise<Document[]> {
  const inTree = new Set(tree.files.map(({ path }) => path));
  const found: Document[] = [];
  for (const path of given) {
    const absolute = await locate(path, option, tree, cwd);
    const inside = relative(tree.root, absolute).split(sep).join('/');
    if (inTree.has(inside)) found.push({ where: 'tree', path: inside });
    else
      found.push({
        where: 'outside',
        name: basename(absolute),
        absolute,
        content: await read(absolute, option),
      });
  }
  const twice = found.find((document, i) => found.findIndex((other) => idOf(other) === idOf(document)) !== i);
  if (twice) throw new Failure(`--${option} names ${idOf(twice)} twice. Name every file once.`);
  return withOwnNames(found);
}

const idOf = (document: Document) => (document.where === 'tree' ? document.path : document.absolute);

async function locate(path: string, option: string, tree: Tree, cwd: string): Promise<string> {
  const tries = isAbsolute(path) ? [path] : [resolve(cwd, path), resolve(tree.root, path)];
  const found = new Set<string>();
  for (const candidate of tries) {
    try {
      found.add(await realpath(candidate));
    } catch (error) {
      if (!['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) throw unreadable(candidate, option, error);
    }
  }
  const [first, second] = found;
  if (second !== undefined)
    throw new Failure(
      `--${option} ${path} is both ${first} and ${second}. Give the whole path of the one that is meant.`,
    );
  if (first !== undefined) return first;
  const hint = option === 'hld' ? candidates(tree) : ' Make one with --report baseline.';
  throw new Failure(`--${option} ${path}: there is no such file.${hint}`);
}

async function read(absolute: string, option: string): Promise<Buffer> {
  try {
    return await readFile(absolute);
  } catch (error) {
    throw unreadable(absolute, option, error);
  }
}

const unreadable = (path: string, option: string, error: unknown) =>
  new Failure(`--${option} ${path} cannot be read (${codeOf(error) ?? 'unknown'}). Name a readable file.`);

/** Files of the tree that look like a design, said as a hint. */
export function candidates({ files }: Tree): string {
  const likely = files
    .map(({ path }) => path)
    .filter(
      (path) =>
        /\.(?:md|mdx|rst|txt|adoc)$/i.test(path) && /hld|design|architecture|requirement|spec/i.test(path),
    )
    .sort((a, b) => a.split('/').length - b.split('/').length)
    .slice(0, 5);
  return likely.length === 0 ? '' : ` Perhaps one of these: ${likely.join(', ')}`;
}

/** A file outside whose name another design has gets a number before it. */
function withOwnNames(documents: readonly Document[]): Document[] {
  const taken = new Set(documents.flatMap((one) => (one.where === 'tree' ? [one.path] : [])));
  return documents.map((document) => {
    if (document.where === 'tree') return document;
    let { name } = document;
    for (let n = 2; taken.has(name); n++) name = `${n}-${document.name}`;
    taken.add(name);
    return { ...document, name };
  });
}
