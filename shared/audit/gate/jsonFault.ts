const token =
  /[ \t\n\r]*(?:([{}[\],:])|("[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-]))/y;

type Kind = '{' | '}' | '[' | ']' | ',' | ':' | 'text' | 'value';
/** What may follow: `value` any value, `entry` a value or the end of a list, `name` a member's name, `member` one or the end. */
type Expected = 'value' | 'entry' | 'name' | 'member' | ':' | 'after';

/** Where a text stops being JSON, as line and column, both 1-based; undefined where it does not. */
export function jsonFault(text: string): { line: number; column: number } | undefined {
  const open: ('{' | '[')[] = [];
  let expected: Expected = 'value';
  let at = 0;
  for (;;) {
    token.lastIndex = at;
    const found = token.exec(text);
    if (!found) break;
    const kind = (found[1] ?? (found[2] === undefined ? 'value' : 'text')) as Kind;
    const next = step(expected, kind, open);
    if (next === undefined) return placeIn(text, token.lastIndex - found[0].trimStart().length);
    expected = next;
    at = token.lastIndex;
  }
  const rest = at + (/^[ \t\n\r]*/.exec(text.slice(at))?.[0].length ?? 0);
  const isWhole = expected === 'after' && open.length === 0 && rest === text.length;
  return isWhole ? undefined : placeIn(text, rest);
}

/** What may follow a token; undefined where it must not stand there. `open` is kept up to date. */
function step(expected: Expected, kind: Kind, open: ('{' | '[')[]): Expected | undefined {
  const inner = open.at(-1);
  if (expected === ':') return kind === ':' ? 'value' : undefined;
  if (expected === 'name' || expected === 'member') {
    if (kind === 'text') return ':';
    return expected === 'member' && kind === '}' ? closed(open) : undefined;
  }
  if (expected === 'after') {
    if (kind === ',' && inner) return inner === '{' ? 'name' : 'value';
    return (kind === '}' && inner === '{') || (kind === ']' && inner === '[') ? closed(open) : undefined;
  }
  if (kind === ']' && expected === 'entry') return closed(open);
  if (kind === '{' || kind === '[') {
    open.push(kind);
    return kind === '{' ? 'member' : 'entry';
  }
  return kind === 'text' || kind === 'value' ? 'after' : undefined;
}

function closed(open: ('{' | '[')[]): Expected {
  open.pop();
  return 'after';
}

function placeIn(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
