import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { createGzip } from 'node:zlib';
import { codeOf } from '../failure.ts';
import type { LeftOut } from '../tree/leftOut.ts';
import type { TreeFile } from '../tree/readTree.ts';
import { isBinary } from '../tree/sendable.ts';
import { tarEnd, tarHeader, tarPadding } from './tarEntry.ts';

/** A tree as it is sent. */
export interface PackedTree {
  /** tar.gz; the same bytes for the same files. */
  archive: Buffer;
  /** Paths of what is in it. */
  paths: ReadonlySet<string>;
  /** Of the files, before they were compressed. */
  bytes: number;
}

// A link that has taken the place of a file since the tree was read is not followed. Windows has no such flag.
const readOnly = constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0);

/**
 * Reads the files one by one into a compressed archive in memory. What turns out to be binary or unreadable is left
 * out and noted; files in `always` are taken whatever they hold.
 */
export async function packTree(
  files: readonly TreeFile[],
  always: ReadonlySet<string>,
  leftOut: LeftOut,
  onFile: (done: number) => void,
): Promise<PackedTree> {
  const gzip = createGzip({ level: 6 });
  const pieces: Buffer[] = [];
  const paths = new Set<string>();
  let bytes = 0;
  const finished = new Promise<void>((resolve, reject) => {
    gzip.on('data', (piece: Buffer) => pieces.push(piece));
    gzip.once('end', resolve).once('error', reject);
  });
  const write = (piece: Uint8Array) =>
    piece.length === 0 || gzip.write(piece)
      ? undefined
      : new Promise<void>((resolve) => gzip.once('drain', resolve));
  for (const [i, { path, absolute }] of files.entries()) {
    onFile(i);
    const content = await readContent(path, absolute, leftOut);
    if (!content) continue;
    if (!always.has(path) && isBinary(content)) {
      leftOut.note('binary', path);
      continue;
    }
    await write(tarHeader(path, content.length));
    await write(content);
    await write(tarPadding(content.length));
    paths.add(path);
    bytes += content.length;
  }
  gzip.end(tarEnd);
  await finished;
  return { archive: Buffer.concat(pieces), paths, bytes };
}

async function readContent(
  path: string,
  absolute: string,
  leftOut: LeftOut,
): Promise<Uint8Array | undefined> {
  try {
    await using file = await open(absolute, readOnly);
    return await file.readFile();
  } catch (error) {
    const reasons: Record<string, string> = { ENOENT: 'deleted', ELOOP: 'symbolic links' };
    leftOut.note(reasons[codeOf(error) ?? ''] ?? 'unreadable', path);
    return undefined;
  }
}
