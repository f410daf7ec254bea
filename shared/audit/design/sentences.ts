const abbreviation =
  /(?:^|[\s("'])(?:e\.g|i\.e|etc|vs|cf|approx|resp|incl|excl|no|nos|fig|figs|sec|dr|mr|mrs|ms|st|inc|ltd|corp|jr|sr|dept|est|min|max|[A-Za-z])\.$/i;
const boundary = /[.!?][)"'*_]*\s+(?=[A-Z`"'([*_\d])/g;

/** A sentence and where in the text it begins. */
export interface Sentence {
  text: string;
  start: number;
}

/** What stands in code marks, blotted out at the same length, so that dots in it end no sentence. */
const withoutCode = (text: string) =>
  text.replace(/`[^`]*`/g, (code) => `\`${'x'.repeat(code.length - 2)}\``);

/** Splits prose into sentences; abbreviations, numbers and code marks do not end one. */
export function sentencesOf(text: string): Sentence[] {
  const masked = withoutCode(text);
  const found: Sentence[] = [];
  let start = 0;
  const take = (end: number) => {
    const piece = text.slice(start, end);
    if (piece.trim() !== '')
      found.push({ text: piece.trim(), start: start + (piece.length - piece.trimStart().length) });
    start = end;
  };
  for (const { 0: mark, index } of masked.matchAll(boundary)) {
    const end = index + mark.trimEnd().length;
    if (abbreviation.test(masked.slice(Math.max(start, index - 12), index + 1))) continue;
    take(end);
  }
  take(text.length);
  return found;
}
