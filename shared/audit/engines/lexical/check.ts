import type { Claims } from '../../design/claims.ts';
import type { Statement } from '../../design/statements.ts';
import type { CodeIndex } from '../../retrieval/codeIndex.ts';
import type { Passage, WeighedTerm } from '../../retrieval/passages.ts';
import type { CodeStructure } from '../../structure/codeStructure.ts';

/** A line of the source, 0-based. */
export interface Place {
  file: string;
  line: number;
}

/** What looking up one thing that a statement names came to. */
export interface Check {
  /**
   * `near`: something much like it is there. `unsure`: it is not seen where it would be expected, which alone proves
   * nothing.
   */
  state: 'found' | 'absent' | 'near' | 'contradicted' | 'unsure';
  /** False for what other code would have as well: finding it alone shows little. */
  isTelling: boolean;
  /** A clause for the reader: "`POST /orders` is registered in src/routes.ts". */
  says: string;
  places: readonly Place[];
  /** Of something absent: a name that differs by a letter or two is there. */
  hasNear?: boolean;
}

/** What is judged against. */
export interface Tree {
  index: CodeIndex;
  structure: CodeStructure;
  /** Every route that the design names, as `METHOD /path`. */
  designRoutes: ReadonlySet<string>;
}

/** A statement with all that was read out of it and where its words stand in the tree. */
export interface Reading {
  statement: Statement;
  claims: Claims;
  terms: readonly WeighedTerm[];
  passages: readonly Passage[];
  /** Paths of the files of the best passages. */
  files: ReadonlySet<string>;
}
