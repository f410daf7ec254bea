import { existsSync, type Stats } from 'node:fs';
import { lstat, realpath } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { codeOf, Failure } from '../failure.ts';
import { findWorkTree, listFiles } from './git.ts';
import { LeftOut } from './leftOut.ts';
import { largestFile, unsendableName } from './sendable.ts';
import { walk } from './walk.ts';

/** A regular file: its path in the tree, with forward slashes, and on this machine. */
export interface TreeFile {
  path: string;
  absolute: string;
  size: number;
}

export interface Tree {
  /** The audited folder, without links. */
  root: string;
  kind: 'git' | 'folder';
  /** Of the root in its repository, `''` or ending in `/`. */
  prefix: string;
  /** Sorted by path, by code unit. */
  files: TreeFile[];
  /** Repositories within the repository whose files were read. */
  nested: string[];
  leftOut: LeftOut;
}

/** The files of a folder as they stand on disk: those git does not ignore, or all of a plain folder. @throws Failure */
export async function readTree(directory: string, useGit: boolean): Promise<Tree> {
  const root = await realFolder(directory);
  const leftOut = new LeftOut();
  const nested: string[] = [];
  const workTree = useGit ? await findWorkTree(root) : undefined;
  if (workTree && !workTree.found && !workTree.isInstalled) refuseWithoutGit(root);
  const files = workTree?.found
    ? await filesOfRepository(root, '', leftOut, nested)
    : await filesAt(root, '', await walk(root, leftOut), leftOut);
  if (files.length === 0) throw new Failure(emptyTree(root, Boolean(workTree?.found)));
  return {
    root,
    kind: workTree?.found ? 'git' : 'folder',
    prefix: workTree?.found ? workTree.prefix : '',
    files: files.sort((a, b) => (a.path < b.path ? -1 : 1)),
    nested,
    leftOut,
  };
}

async function realFolder(directory: string): Promise<string> {
  const stats = await statOf(directory);
  if (!stats) throw new Failure(`There is no folder ${directory}. Name the folder to audit.`);
  const root = await realpath(directory);
  const real = await lstat(root);
  if (!real.isDirectory()) throw new Failure(`${directory} is no folder. Name the folder to audit.`);
  return root;
}

function refuseWithoutGit(root: string): void {
  for (let folder = root; ; folder = dirname(folder)) {
    if (existsSync(join(folder, '.git')))
      throw new Failure(
        `${root} is a git work tree and git is not installed, so what it ignores is not known. Install git, or pass --no-git to take the folder with all that is in it.`,
      );
    if (folder === dirname(folder)) return;
  }
}

function emptyTree(root: string, inGit: boolean): string {
  return inGit
    ? `git ignores every file in ${root}, or there is none. Name another folder, or pass --no-git to take what it ignores.`
    : `There is no file in ${root}. Name the folder to audit.`;
}

/** Files of a repository and of the repositories checked out within it. */
async function filesOfRepository(
  root: string,
  prefix: string,
  leftOut: LeftOut,
  nested: string[],
): Promise<TreeFile[]> {
  const listed = await listFiles(join(root, prefix));
  const inner: string[] = [];
  const files = await filesAt(root, prefix, listed, leftOut, (path) => inner.push(path));
  for (const path of inner) {
    if (!existsSync(join(root, path, '.git'))) {
      leftOut.note('submodules not checked out', path);
      continue;
    }
    nested.push(path);
    for (const file of await filesOfRepository(root, `${path}/`, leftOut, nested)) files.push(file);
  }
  return files;
}

/** Those of the paths that are regular files and can be sent; `onFolder` is told of folders. */
async function filesAt(
  root: string,
  prefix: string,
  paths: readonly string[],
  leftOut: LeftOut,
  onFolder?: (path: string) => void,
): Promise<TreeFile[]> {
  const files: TreeFile[] = [];
  for (const relative of paths) {
    const path = (prefix + relative).replace(/\/$/, '');
    const unsendable = unsendableName(path);
    const absolute = join(root, path);
    const stats = unsendable ? undefined : await statOf(absolute);
    if (unsendable) leftOut.note(unsendable, path);
    else if (!stats) leftOut.note('deleted', path);
    else if (stats.isSymbolicLink()) leftOut.note('symbolic links', path);
    else if (stats.isDirectory()) onFolder?.(path);
    else if (!stats.isFile()) leftOut.note('sockets and devices', path);
    else if (stats.size > largestFile) leftOut.note('larger than 64 MB', path);
    else files.push({ path, absolute, size: stats.size });
  }
  return files;
}

/** Undefined for what is not there. */
async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(codeOf(error) ?? '')) return undefined;
    throw new Failure(`${path} cannot be read (${codeOf(error) ?? 'unknown'}). Mend its rights.`);
  }
}
