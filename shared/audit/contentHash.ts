import { hash } from 'node:crypto';
import type { SourceFile } from './sourceTree.ts';

const known = new WeakMap<SourceFile, string>();

/** The SHA-256 of a file's text in base64url, worked out once for each file: an audit asks for it in several places. */
export function contentHash(file: SourceFile): string {
  let found = known.get(file);
  if (found === undefined) {
    found = hash('sha256', file.text, 'base64url');
    known.set(file, found);
  }
  return found;
}
