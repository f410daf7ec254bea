import { Readable, Transform } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract } from 'tar-stream';
import type { AuditConfig } from '../../config/audit.ts';
import { AppError } from '../../errors.ts';
import { safePath } from './safePath.ts';

/** A regular file of an archive. `read` gives its bytes; a file that is not read is passed over. */
export interface ArchiveFile {
  path: string;
  size: number;
  read(): Promise<Uint8Array>;
}

/** Expansion below this is never called a bomb, whatever its ratio. */
const harmlessBytes = 8 * 1024 * 1024;

const howTo = 'Send the output of: git archive --format=tar.gz HEAD';

/**
 * The files of a gzip-compressed tar archive as they stream in; nothing touches the disk.
 * @throws AppError `unsafe-archive` for links, devices and bombs, `unreadable-archive` for damaged bytes, and whatever
 * the pieces themselves throw.
 */
export async function* readTarGz(
  pieces: AsyncIterable<Uint8Array>,
  limits: AuditConfig['limits'],
): AsyncGenerator<ArchiveFile> {
  // Archives of before 1988 (v7) name no format; the published types do not know the option.
  const entries = extract({ allowUnknownFormat: true } as Parameters<typeof extract>[0]);
  const fed = pipeline(metered(pieces, limits), entries).catch((error: unknown) => {
    entries.destroy(error as Error);
  });
  let count = 0;
  try {
    for await (const entry of entries) {
      const { name, type, size = 0 } = entry.header;
      if (++count > limits.entries)
        throw new AppError(
          'unsafe-archive',
          `The archive has more than ${limits.entries} entries. Send the source only.`,
        );
      if (type === 'file' || type === 'contiguous-file') {
        let taken = false;
        yield {
          path: name,
          size,
          read() {
            taken = true;
            return buffer(entry as unknown as NodeJS.ReadableStream).catch((error: unknown) => {
              throw toRefusal(error);
            });
          },
        };
        if (!taken) entry.resume();
      } else if (type === 'directory') {
        if (!/^(?:\.\/)*\.?$/.test(name)) safePath(name.replace(/\/$/, ''));
        entry.resume();
      } else {
        throw new AppError(
          'unsafe-archive',
          `The archive has a ${type ?? 'special file'} ("${name.replace(/[^\x20-\x7e]/g, '?').slice(0, 100)}"). Send regular files only: git archive … ':!that/path'.`,
        );
      }
    }
  } catch (error) {
    throw toRefusal(error);
  } finally {
    entries.destroy();
    await fed;
  }
  if (count === 0) throw new AppError('unreadable-archive', `The archive has no entries. ${howTo}`);
}

/** Damage shows wherever the stream happens to be read: between entries or inside one. */
function toRefusal(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('unreadable-archive', `The archive is damaged or cut short. ${howTo}`, {
    cause: error,
  });
}

/** @throws AppError `unreadable-archive` where the first bytes are not those of gzip. */
async function* requireGzip(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let head = Buffer.alloc(0);
  for await (const piece of pieces) {
    if (head.length < 2) {
      head = Buffer.concat([head, piece.subarray(0, 2)]);
      if (head.length >= 2 && head.readUInt16BE() !== 0x1f8b) {
        throw new AppError('unreadable-archive', `The body is not gzip. ${howTo}`);
      }
    }
    yield piece;
  }
  if (head.length === 0) throw new AppError('unreadable-archive', `The body is empty. ${howTo}`);
}

/** Decompresses while counting both sides, and stops where the output grows out of proportion. */
function metered(pieces: AsyncIterable<Uint8Array>, limits: AuditConfig['limits']): Readable {
  let packed = 0;
  let expanded = 0;
  const source = Readable.from(requireGzip(pieces));
  const gunzip = createGunzip();
  const meter = new Transform({
    transform(piece: Uint8Array, _encoding, done) {
      expanded += piece.length;
      const bomb =
        expanded > limits.expandedBytes || (expanded > harmlessBytes && expanded > packed * limits.ratio);
      const [much, setting] =
        expanded > limits.expandedBytes
          ? [`${limits.expandedBytes} bytes`, 'GATEHOUSE_AUDIT_MAX_EXPANDED_MB']
          : [`${limits.ratio} times its size`, 'GATEHOUSE_AUDIT_MAX_RATIO'];
      const refusal = `The archive expands to more than ${much}. Send the source only, or raise ${setting}.`;
      done(bomb ? new AppError('unsafe-archive', refusal) : null, piece);
    },
  });
  source.on('data', (piece: Uint8Array) => {
    packed += piece.length;
  });
  const fail = (error: Error) => void meter.destroy(error);
  source.once('error', fail).pipe(gunzip).once('error', fail).pipe(meter);
  meter.once('close', () => {
    source.destroy();
    gunzip.destroy();
  });
  return meter;
}
