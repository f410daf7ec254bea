import { crc32 } from 'node:zlib';
import { type Entry, fromBufferPromise, getFileNameLowLevel, type ZipFile } from 'yauzl';
import type { AuditConfig } from '../../../config/audit.ts';
import { AppError } from '../../../errors.ts';
import { safePath } from '../safePath.ts';
import {
  type ArchiveFile,
  checkExpansion,
  howToPack,
  noRegularFile,
  shownPath,
  tooManyEntries,
  toRefusal,
} from './archiveFile.ts';
import { Scratch } from './scratch.ts';

/** Bytes of a local header before its name. */
const localHeader = 30;
const stored = 0;
const deflated = 8;

interface Listed {
  entry: Entry;
  path: string;
}

/** Kinds of files as Unix writes them into the upper half of the attributes; 0 where another system wrote them. */
const kindOf = ({ externalFileAttributes }: Entry) => (externalFileAttributes >>> 28) & 0xf;
const kinds: Readonly<Record<number, string>> = {
  1: 'pipe',
  2: 'character-device',
  6: 'block-device',
  10: 'symlink',
  12: 'socket',
};

function unsafe(why: string): AppError {
  return new AppError('unsafe-archive', `${why} ${howToPack}`);
}

function checkEntry({ entry, path }: Listed): void {
  const kind = kinds[kindOf(entry)];
  if (kind !== undefined) throw noRegularFile(kind, path);
  if (entry.isEncrypted()) throw unsafe(`The archive has an encrypted file ("${shownPath(path)}").`);
  if (entry.compressionMethod !== stored && entry.compressionMethod !== deflated)
    throw unsafe(
      `The archive compresses "${shownPath(path)}" in a way (method ${entry.compressionMethod}) other than deflate.`,
    );
}

/** Entries whose bytes overlap are how a small archive becomes endless. */
function checkOverlaps(listed: readonly Listed[]): void {
  const spans = listed
    .map(({ entry }) => [
      entry.relativeOffsetOfLocalHeader,
      entry.relativeOffsetOfLocalHeader + localHeader + entry.fileNameRaw.length + entry.compressedSize,
    ])
    .sort(([a = 0], [b = 0]) => a - b);
  let end = 0;
  for (const [from = 0, to = 0] of spans) {
    if (from < end) throw unsafe('The archive has entries that overlap.');
    end = to;
  }
}

/** What the archive's directory lists, checked before anything of it is expanded. */
async function listEntries(zip: ZipFile, packed: number, limits: AuditConfig['limits']): Promise<Listed[]> {
  const listed: Listed[] = [];
  let expanded = 0;
  for await (const entry of zip.eachEntry()) {
    if (listed.length >= limits.entries) throw tooManyEntries(limits.entries);
    const path = getFileNameLowLevel(entry.generalPurposeBitFlag, entry.fileNameRaw, entry.extraFields, true);
    const one = { entry, path };
    checkEntry(one);
    expanded += entry.uncompressedSize;
    checkExpansion(packed, expanded, limits);
    listed.push(one);
  }
  checkOverlaps(listed);
  return listed;
}

async function readEntry(zip: ZipFile, { entry, path }: Listed, scratch: Scratch): Promise<Uint8Array> {
  try {
    const bytes = await scratch.collect(await zip.openReadStreamPromise(entry));
    if (crc32(bytes) !== entry.crc32) throw new Error('the checksum differs');
    return bytes;
  } catch (error) {
    if (/bytes in the stream/.test(String(error)))
      throw unsafe(`The archive lies about the size of "${shownPath(path)}".`);
    throw toRefusal(error);
  }
}

/**
 * The files of a zip archive, in the order of its directory, which stands at its end: the whole archive must be there.
 * @throws AppError `unsafe-archive` for links, devices, encryption, bombs, overlaps and sizes that lie,
 * `unreadable-archive` for damaged bytes.
 */
export async function* readZip(bytes: Buffer, limits: AuditConfig['limits']): AsyncGenerator<ArchiveFile> {
  const zip = await fromBufferPromise(bytes, { decodeStrings: false, validateEntrySizes: true }).catch(
    (error: unknown) => {
      throw toRefusal(error);
    },
  );
  const scratch = new Scratch();
  const listed = await listEntries(zip, bytes.length, limits).catch((error: unknown) => {
    throw toRefusal(error);
  });
  if (listed.length === 0)
    throw new AppError('unreadable-archive', `The archive has no entries. ${howToPack}`);
  for (const one of listed) {
    const { entry, path } = one;
    if (path.endsWith('/')) safePath(path.slice(0, -1));
    else yield { path, size: entry.uncompressedSize, read: () => readEntry(zip, one, scratch) };
  }
}
