import { AppError } from '../../../errors.ts';

/** A regular file of an archive, good until the next one is asked for. A file that is not read is passed over. */
export interface ArchiveFile {
  path: string;
  /** Expanded, in bytes. */
  size: number;
  /** Its bytes, which the next read overwrites. */
  read(): Promise<Uint8Array>;
}

export const howToPack = 'Send the output of: git archive --format=tar.gz HEAD';

/** Expansion below this is never called a bomb, whatever its ratio. */
export const harmlessBytes = 8 * 1024 * 1024;

export const shownPath = (path: string) => path.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);

export function tooManyEntries(entries: number): AppError {
  return new AppError(
    'unsafe-archive',
    `The archive has more than ${entries} entries. Send the source only, or raise GATEHOUSE_AUDIT_MAX_ENTRIES.`,
  );
}

export function noRegularFile(kind: string, path: string): AppError {
  return new AppError(
    'unsafe-archive',
    `The archive has a ${kind} ("${shownPath(path)}"). Send regular files only: git archive … ':!that/path'.`,
  );
}

/** @throws AppError `unsafe-archive` where this much came, or would come, out of this much. */
export function checkExpansion(
  packed: number,
  expanded: number,
  limits: { expandedBytes: number; ratio: number },
): void {
  const refuse = (much: string, setting: string) =>
    new AppError(
      'unsafe-archive',
      `The archive expands to more than ${much}. Send the source only, or raise ${setting}.`,
    );
  if (expanded > limits.expandedBytes)
    throw refuse(`${limits.expandedBytes} bytes`, 'GATEHOUSE_AUDIT_MAX_EXPANDED_MB');
  if (expanded > harmlessBytes && expanded > packed * limits.ratio)
    throw refuse(`${limits.ratio} times its size`, 'GATEHOUSE_AUDIT_MAX_RATIO');
}

/** Damage shows wherever the bytes happen to be read: between entries or inside one. */
export function toRefusal(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return new AppError('unreadable-archive', `The archive is damaged or cut short. ${howToPack}`, {
    cause: error,
  });
}
