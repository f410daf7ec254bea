import type { ToolEntry } from '../../shared/tools/manifest/manifest.ts';

/** What a version is, before somebody publishes it. */
export type Draft = Omit<ToolEntry, 'version' | 'publisher' | 'publishedAt'>;

/** A tool built from its source. */
export interface BuiltTool {
  name: string;
  draft: Draft;
  bundle: Uint8Array;
  /** Files it was made of, absolute. */
  inputs: string[];
  /** Example calls it brings, made when it was built. */
  examples: number;
}
