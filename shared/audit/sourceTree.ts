import type { Finding } from './finding.ts';

/** A text file: path with forward slashes, content in UTF-8 with `\n` line ends and no byte-order mark. */
export interface SourceFile {
  path: string;
  text: string;
}

/** A file that was meant to be audited and could not be, and why. */
export interface SkippedFile {
  path: string;
  reason: string;
}

/** What one audit is about. Files are sorted by path, by code unit, whatever order they arrived in. */
export interface AuditInput {
  /** Source with its secrets redacted. */
  files: readonly SourceFile[];
  /** The design, secrets redacted, in the order in which its files were named. */
  designs: readonly SourceFile[];
  /** Asked of the engine beside the audit. */
  question: string | undefined;
  skipped: readonly SkippedFile[];
  /** How many files were no source, by extension or excluded folder. */
  unselected: Readonly<Record<string, number>>;
  /** Secrets that stood in source or design before they were redacted. */
  secrets: readonly Finding[];
}
