/** What a stretch of source is. */
export type Kind = 'code' | 'string' | 'comment';
const kinds: readonly Kind[] = ['code', 'string', 'comment'];

const hashComments =
  /\.(?:py|pyi|rb|sh|bash|ya?ml|toml|r|pl|tf|ex|exs|ps1|properties|conf|ini|env|cfg|graphql|gql|mk)$/i;
const dashComments = /\.(?:sql|lua|hs|elm)$/i;
const python = /\.pyi?$/i;
/** A slash after one of these begins a regular expression and not a division. */
const beforeRegex = new Set('(,=:[!&|?{};+\n\0');
const scriptFile = /\.(?:[cm]?[jt]sx?|vue|svelte)$/i;

/** Where code, texts and comments of a file begin, found in one pass by the marks that most languages share. */
export class Segments {
  readonly #starts: Uint32Array;

  constructor(path: string, text: string) {
    this.#starts = Uint32Array.from(scan(path, text));
  }

  at(index: number): Kind {
    let low = 0;
    let high = this.#starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#starts[middle] ?? 0) >>> 2 <= index) low = middle;
      else high = middle - 1;
    }
    return kinds[(this.#starts[low] ?? 0) & 3] ?? 'code';
  }
}

/** Index of the end of a text that begins at `from` with `quote`, on its line unless the quote spans lines. */
function endOfString(text: string, from: number, quote: string, spansLines: boolean): number {
  for (let i = from + quote.length; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') i++;
    else if (char === '\n' && !spansLines) return i;
    else if (char === quote[0] && text.startsWith(quote, i)) return i + quote.length;
  }
  return text.length;
}

/** Index of the end of a regular expression's literal; undefined where the slash is a division after all. */
function endOfRegex(text: string, from: number): number | undefined {
  let isInClass = false;
  for (let i = from + 1; i < text.length; i++) {
    const char = text[i];
    if (char === '\n') return undefined;
    if (char === '\\') i++;
    else if (char === '[') isInClass = true;
    else if (char === ']') isInClass = false;
    else if (char === '/' && !isInClass) return i + 1;
  }
  return undefined;
}

function* scan(path: string, text: string): Generator<number> {
  const hash = hashComments.test(path);
  const dash = dashComments.test(path);
  const isPython = python.test(path);
  const isScript = scriptFile.test(path);
  /** Of each template text that is open, how many braces are open in its expression. */
  const templates: number[] = [];
  let before = '\n';
  let i = 0;
  const lineEnd = (from: number) => {
    const end = text.indexOf('\n', from);
    return end < 0 ? text.length : end;
  };
  const segment = (start: number, kind: 0 | 1 | 2) => start * 4 + kind;
  yield segment(0, 0);
  while (i < text.length) {
    const char = text[i] ?? '';
    const next = text[i + 1] ?? '';
    let end: number | undefined;
    let kind: 1 | 2 = 1;
    if (
      (char === '/' && next === '/' && !hash) ||
      (char === '#' && hash) ||
      (char === '-' && next === '-' && dash)
    ) {
      kind = 2;
      end = lineEnd(i);
    } else if (char === '/' && next === '*' && !hash) {
      kind = 2;
      const close = text.indexOf('*/', i + 2);
      end = close < 0 ? text.length : close + 2;
    } else if (char === '<' && text.startsWith('<!--', i)) {
      kind = 2;
      const close = text.indexOf('-->', i + 4);
      end = close < 0 ? text.length : close + 3;
    } else if (char === '"' || char === "'") {
      const triple = char.repeat(3);
      const isTriple = text.startsWith(triple, i);
      if (isTriple && isPython && before === '\n') kind = 2;
      end = endOfString(text, i, isTriple ? triple : char, isTriple);
    } else if (char === '`' && !isScript) {
      end = endOfString(text, i, '`', true);
    } else if (isScript && (char === '`' || (char === '}' && templates.at(-1) === 0))) {
      if (char === '}') templates.pop();
      const stop = endOfTemplate(text, i + 1);
      if (text[stop - 1] === '{') templates.push(0);
      end = stop;
    } else if (isScript && char === '/' && beforeRegex.has(before)) {
      end = endOfRegex(text, i);
    }
    if (end !== undefined) {
      yield segment(i, kind);
      yield segment(end, 0);
      i = end;
      before = kind === 2 ? before : '"';
      continue;
    }
    const depth = templates.length - 1;
    if (depth >= 0 && char === '{') templates[depth] = (templates[depth] ?? 0) + 1;
    if (depth >= 0 && char === '}') templates[depth] = (templates[depth] ?? 0) - 1;
    if (char === '\n' || !/\s/.test(char)) before = char;
    i++;
  }
}

/** Index behind the end of a template's text: behind its closing mark, or behind `${`. */
function endOfTemplate(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const char = text[i];
    if (char === '\\') i++;
    else if (char === '`') return i + 1;
    else if (char === '$' && text[i + 1] === '{') return i + 2;
  }
  return text.length;
}
