/** Where the value of a placeholder comes from. */
export type SourceKind = 'argument' | 'context' | 'secret' | 'pointer' | 'list';

export interface Placeholder {
  kind: SourceKind;
  /** Of the argument, context value, secret or list value; of a pointer the pointer itself. */
  name: string;
  /** How the value is said: `{/start|time}`. */
  format: string | undefined;
  /** What stands there where there is no value: `{name ?? somebody}`. */
  fallback: string | undefined;
  /** As it is written, braces and all. */
  text: string;
}

/** Literal text, or what is put in its place. */
export type Part = string | Placeholder;

/** One placeholder, a doubled brace, text without braces, or a brace that has lost its other half. */
const token = /\{\{|\}\}|\{[^{}]*\}|[^{}]+|[{}]/g;
const placeholder = /^\{([^|?]+?)(?:\|([a-z]+))?(?: \?\? ([^{}]*))?\}$/;
const sources: readonly [SourceKind, RegExp][] = [
  ['pointer', /^((?:\/(?:[^/~]|~[01])*)+)$/],
  ['context', /^context\.([A-Za-z]+)$/],
  ['list', /^list\.([a-z]+)$/],
  ['secret', /^secret:([A-Z][A-Z0-9_]{0,49})$/],
  ['argument', /^([A-Za-z_][\w-]{0,63})$/],
];

/**
 * Takes a text with placeholders apart. `{{` and `}}` stand for braces. Gives what is wrong with it, in words, where it
 * cannot be read.
 */
export function readTemplate(text: string): Part[] | string {
  const parts: Part[] = [];
  for (const [piece] of text.matchAll(token)) {
    if (piece === '{' || piece === '}') return 'a brace stands alone; write {{ or }} for a brace';
    const part = piece.length > 2 && piece.startsWith('{') ? readPlaceholder(piece) : literal(piece);
    if (part === undefined)
      return `${piece} is no placeholder; write {argument}, {context.caller}, {secret:NAME} or {/json/pointer}`;
    const last = parts.at(-1);
    if (typeof part === 'string' && typeof last === 'string') parts[parts.length - 1] = last + part;
    else parts.push(part);
  }
  return parts;
}

/** A template of a definition that has been checked. @throws Error for any other. */
export function partsOf(text: string): Part[] {
  const parts = readTemplate(text);
  if (typeof parts === 'string') throw new Error(parts);
  return parts;
}

/** The one placeholder that a text is, where it is nothing else. */
export function solePlaceholder(parts: readonly Part[]): Placeholder | undefined {
  const [first] = parts;
  return parts.length === 1 && typeof first === 'object' ? first : undefined;
}

const literal = (piece: string) => {
  if (piece === '{{') return '{';
  if (piece === '}}') return '}';
  return piece === '{}' ? undefined : piece;
};

function readPlaceholder(text: string): Placeholder | undefined {
  const [, source = '', format, fallback] = placeholder.exec(text) ?? [];
  for (const [kind, pattern] of sources) {
    const name = pattern.exec(source)?.[1];
    if (name !== undefined) return { kind, name, format, fallback, text };
  }
  return undefined;
}
