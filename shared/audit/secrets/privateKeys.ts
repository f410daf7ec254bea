import type { Hit } from './rule.ts';

const begin = /-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----/g;
/** Longest body searched for its end: a key of 16,384 bits has about 13,000 characters. */
const longest = 20_000;
/** Less is a mention: a test of the header, dots in a document. */
const leastBody = 64;

/** How many characters of base64 stand there, whatever quotes, escapes and indentation are between them. */
function bodyLength(text: string): number {
  const bare = text.replace(/\\[nrt]|[\s"'`+,;\\|*#/-]/g, '');
  return /^[A-Za-z0-9+/=:.]*/.exec(bare)?.[0].length ?? 0;
}

/**
 * Private keys in PEM, from the first character after the header to the footer; where that is missing, to the last line
 * that still looks like one.
 */
export function* findPrivateKeys(text: string): Generator<Hit> {
  if (!text.includes('PRIVATE KEY')) return;
  for (const match of text.matchAll(begin)) {
    const start = match.index + match[0].length;
    const rest = text.slice(start, start + longest);
    const footer = rest.search(/-----(?:END|BEGIN) /);
    const body = footer === -1 ? unfinished(rest) : rest.slice(0, footer);
    if (bodyLength(body) < leastBody) continue;
    yield { rule: 'private-key', what: 'a private key', start, end: start + body.length };
  }
}

function unfinished(rest: string): string {
  const lines = rest.split('\n');
  const end = lines.findIndex(
    (line, i) => i > 0 && !/^[\s"'`+]*[A-Za-z0-9+/=\\]{16,}[\s"'`+,;)]*$/.test(line.slice(0, 500)),
  );
  return (end === -1 ? lines : lines.slice(0, end)).join('\n');
}
