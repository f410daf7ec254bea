import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import type { AuditConfig } from '../../../config/audit.ts';
import { AppError } from '../../../errors.ts';
import { safePath } from '../safePath.ts';
import {
  type ArchiveFile,
  checkExpansion,
  howToPack,
  noRegularFile,
  tooManyEntries,
  toRefusal,
} from './archiveFile.ts';
import { Scratch } from './scratch.ts';

/** Pieces in which an archive expands: each costs a turn of the thread pool. */
const pieceBytes = 256 * 1024;

/** Expanded on other threads while what was expanded before is read. */
const ahead = { chunkSize: pieceBytes, highWaterMark: 4 * pieceBytes };

/**
 * The files of a tar archive, compressed with gzip or not, as they stream in.
 * @throws AppError `unsafe-archive` for links, devices and bombs, `unreadable-archive` for damaged bytes, and whatever
 * the pieces themselves throw.
 */
export async function* readTar(
  pieces: AsyncIterable<Uint8Array>,
  isCompressed: boolean,
  limits: AuditConfig['limits'],
): AsyncGenerator<ArchiveFile> {
  // Archives of before 1988 (v7) name no format; the published types do not know the option.
  const entries = extract({ allowUnknownFormat: true } as Parameters<typeof extract>[0]);
  const fed = pipeline(metered(pieces, isCompressed, limits), entries).catch((error: unknown) => {
    entries.destroy(error as Error);
  });
  const scratch = new Scratch();
  let count = 0;
  try {
    for await (const entry of entries) {
      const { name, type, size = 0 } = entry.header;
      if (++count > limits.entries) throw tooManyEntries(limits.entries);
      if (type === 'file' || type === 'contiguous-file') {
        let taken = false;
        yield {
          path: name,
          size,
          read() {
            taken = true;
            return scratch.collect(entry as unknown as AsyncIterable<Uint8Array>).catch((error: unknown) => {
              throw toRefusal(error);
            });
          },
        };
        if (!taken) entry.resume();
      } else if (type === 'directory') {
        if (!/^(?:\.\/)*\.?$/.test(name)) safePath(name.replace(/\/$/, ''));
        entry.resume();
      } else throw noRegularFile(type ?? 'special file', name);
    }
  } catch (error) {
    throw toRefusal(error);
  } finally {
    entries.destroy();
    await fed;
  }
  if (count === 0) throw new AppError('unreadable-archive', `The archive has no entries. ${howToPack}`);
}

/** Decompresses while counting both sides, and stops where the output grows out of proportion. */
function metered(
  pieces: AsyncIterable<Uint8Array>,
  isCompressed: boolean,
  limits: AuditConfig['limits'],
): Readable {
  let packed = 0;
  let expanded = 0;
  const source = Readable.from(pieces);
  const meter = new Transform({
    transform(piece: Uint8Array, _encoding, done) {
      expanded += piece.length;
      try {
        checkExpansion(packed, expanded, limits);
        done(null, piece);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  source.on('data', (piece: Uint8Array) => {
    packed += piece.length;
  });
  const fail = (error: Error) => void meter.destroy(error);
  source.once('error', fail);
  if (!isCompressed) {
    source.pipe(meter);
    meter.once('close', () => source.destroy());
    return meter;
  }
  const gunzip = createGunzip(ahead);
  source.pipe(gunzip).once('error', fail).pipe(meter);
  meter.once('close', () => {
    source.destroy();
    gunzip.destroy();
  });
  return meter;
}
