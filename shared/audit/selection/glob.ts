import { AppError } from '../../errors.ts';

/** What matching may cost, so that no pattern from outside can keep an instance busy. */
export class MatchingEffort {
  #left: number;

  constructor(steps = 100_000_000) {
    this.#left = steps;
  }

  /** @throws AppError `invalid-request` once all steps are used up. */
  spend(steps: number): void {
    this.#left -= steps;
    if (this.#left < 0)
      throw new AppError(
        'invalid-request',
        'The patterns of include, exclude and .auditignore take too long to match. Use fewer and simpler ones.',
      );
  }
}

type Token =
  | { kind: 'char'; char: string }
  | { kind: 'any' }
  | { kind: 'star' }
  | { kind: 'set'; negated: boolean; ranges: readonly (readonly [from: string, to: string])[] };

/** One part of a path's pattern, between slashes: its text where it has no wildcard, else its tokens. */
export type Part = { kind: 'literal'; text: string } | { kind: 'tokens'; tokens: readonly Token[] };

/** `[a-z]`, `[!a]`, `[]a]` from the position after the bracket; undefined where it never ends. */
function readSet(text: string, start: number): { token: Token; end: number } | undefined {
  const negated = text[start] === '!' || text[start] === '^';
  const ranges: [string, string][] = [];
  let at = start + (negated ? 1 : 0);
  const next = () => (text[at] === '\\' ? text[++at] : text[at]);
  for (let first = true; at < text.length; first = false) {
    if (text[at] === ']' && !first) return { token: { kind: 'set', negated, ranges }, end: at };
    const from = next();
    at++;
    if (from === undefined) return undefined;
    if (text[at] === '-' && at + 1 < text.length && text[at + 1] !== ']') {
      at++;
      const to = next();
      at++;
      if (to === undefined) return undefined;
      ranges.push([from, to]);
    } else ranges.push([from, from]);
  }
  return undefined;
}

/** Reads one part. A bracket that never closes matches nothing, as in git. */
export function compilePart(text: string): Part | undefined {
  if (!/[*?[\\]/.test(text)) return { kind: 'literal', text };
  const tokens: Token[] = [];
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? '';
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '?') tokens.push({ kind: 'any' });
    else if (char === '[') {
      const set = readSet(text, at + 1);
      if (!set) return undefined;
      tokens.push(set.token);
      at = set.end;
    } else if (char === '\\') {
      const escaped = text[++at];
      if (escaped === undefined) return undefined;
      tokens.push({ kind: 'char', char: escaped });
    } else tokens.push({ kind: 'char', char });
  }
  return { kind: 'tokens', tokens };
}

function matchesOne(token: Token, char: string): boolean {
  if (token.kind === 'char') return token.char === char;
  if (token.kind === 'any') return true;
  if (token.kind === 'star') return false;
  return token.ranges.some(([from, to]) => from <= char && char <= to) !== token.negated;
}

/**
 * Goes forward through items and wildcards; on a mismatch the last `many` takes one item more. That is enough, as all
 * other wildcards take exactly one, and it takes at most items × wildcards steps.
 */
export function matchSequence<W, I>(
  wildcards: readonly W[],
  items: ArrayLike<I>,
  isMany: (wildcard: W) => boolean,
  matches: (wildcard: W, item: I) => boolean,
  effort: MatchingEffort,
): boolean {
  let [w, i, many, resume] = [0, 0, -1, 0];
  let steps = 1;
  while (i < items.length) {
    steps++;
    const wildcard = wildcards[w];
    if (wildcard !== undefined && isMany(wildcard)) {
      many = w++;
      resume = i;
    } else if (wildcard !== undefined && matches(wildcard, items[i] as I)) {
      w++;
      i++;
    } else if (many >= 0) {
      w = many + 1;
      i = ++resume;
    } else break;
  }
  effort.spend(steps);
  while (w < wildcards.length && isMany(wildcards[w] as W)) w++;
  return i === items.length && w === wildcards.length;
}

const isStar = (token: Token) => token.kind === 'star';

export function matchesPart(part: Part, name: string, effort: MatchingEffort): boolean {
  if (part.kind === 'literal') return part.text === name;
  return matchSequence(part.tokens, name, isStar, matchesOne, effort);
}
