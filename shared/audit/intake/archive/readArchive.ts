import type { AuditConfig } from '../../../config/audit.ts';
import { AppError } from '../../../errors.ts';
import type { Share } from '../memoryRoom.ts';
import { type ArchiveFile, howToPack } from './archiveFile.ts';
import { sniff } from './sniff.ts';
import { readTar } from './tar.ts';
import { readZip } from './zip.ts';

/** What comes with an archive beside its bytes. */
export interface ArchiveContext {
  limits: AuditConfig['limits'];
  share: Share;
  /** True where its type says tar: the tar of before 1988 has no mark. */
  isTar: boolean;
}

/**
 * The files of a tar.gz, tar or zip archive, whatever it is called: its first bytes decide. Nothing touches the disk.
 * @throws AppError `unreadable-archive` or `unsafe-archive`, each with what to send instead.
 */
export async function* readArchive(
  given: AsyncIterable<Uint8Array>,
  { limits, share, isTar }: ArchiveContext,
): AsyncGenerator<ArchiveFile> {
  const { format, isEmpty, pieces } = await sniff(given);
  try {
    if (format === 'zip') yield* readZip(await gather(pieces, share), limits);
    else if (format === 'gzip') yield* readTar(pieces, true, limits);
    else if (format === 'tar' || (isTar && !isEmpty)) yield* readTar(pieces, false, limits);
    else {
      const what = isEmpty ? 'is empty' : 'is neither gzip nor tar nor zip';
      throw new AppError('unreadable-archive', `The archive ${what}. ${howToPack}`);
    }
  } finally {
    await pieces.return();
  }
}

/** All bytes in one buffer, reserved as they come. */
async function gather(pieces: AsyncIterable<Uint8Array>, share: Share): Promise<Buffer> {
  const gathered: Uint8Array[] = [];
  let length = 0;
  for await (const piece of pieces) {
    length += piece.length;
    await share.hold(length);
    gathered.push(piece);
  }
  return Buffer.concat(gathered, length);
}
