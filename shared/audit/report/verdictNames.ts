import type { FindingKind } from '../finding.ts';
import type { Verdict } from '../verdict.ts';

/** Verdicts in words for people. */
export const verdictNames: Readonly<Record<Verdict, string>> = {
  contradicted: 'contradicted',
  missing: 'missing',
  partial: 'partial',
  not_assessable: 'not assessable',
  implemented: 'implemented',
};

/** What a kind of finding is called, alone and in a heading. */
export const findingNames: Readonly<Record<FindingKind, string>> = {
  secret: 'secret',
  instruction: 'instruction to a model',
  undocumented: 'undocumented',
};
