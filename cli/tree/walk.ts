import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { codeOf, Failure } from '../failure.ts';
import type { LeftOut } from './leftOut.ts';

/** Folders that hold no source of anybody who audits: histories, installed packages, caches. */
const passedOver = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  'bower_components',
  '__pycache__',
  'venv',
  '.venv',
  '.tox',
  '.mypy_cache',
  '.pytest_cache',
  '.gradle',
  '.terraform',
  '.cache',
]);

const environmentFile = /^\.env(?:\.(?!example$|sample$|template$).*)?$/i;

/** Paths of all files in a plain folder, relative to it. Links are not followed. */
export async function walk(root: string, leftOut: LeftOut): Promise<string[]> {
  const found: string[] = [];
  const folders = [''];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    for (const entry of await entriesOf(root, folder, leftOut)) {
      const path = folder + entry.name;
      if (!entry.isDirectory()) {
        if (environmentFile.test(entry.name)) leftOut.note('environment files', path);
        else found.push(path);
      } else if (passedOver.has(entry.name)) leftOut.note(`${entry.name}/`, path);
      else folders.push(`${path}/`);
    }
  }
  return found;
}

async function entriesOf(root: string, folder: string, leftOut: LeftOut) {
  try {
    return await readdir(join(root, folder), { withFileTypes: true });
  } catch (error) {
    if (folder === '')
      throw new Failure(`${root} cannot be read (${codeOf(error) ?? 'unknown'}). Name a folder that can.`);
    leftOut.note('unreadable folders', folder);
    return [];
  }
}
