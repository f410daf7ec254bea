/** Longest run of letters, blanks or punctuation a file may have; tokenizers take quadratic time on longer ones. */
const longestRun = 5_000;

export type Decoded = { ok: true; text: string } | { ok: false; reason: string };

/** Bytes of a source file as text, or why they are none. */
export function decodeSource(bytes: Uint8Array): Decoded {
  if (bytes.includes(0)) return { ok: false, reason: 'binary' };
  try {
    return checkText(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return { ok: false, reason: 'not valid UTF-8' };
  }
}

/** Line ends and byte-order mark normalised; refuses text that no person wrote. */
export function checkText(given: string): Decoded {
  const text = given.replace(/^\ufeff/, '').replaceAll('\r\n', '\n');
  if (text.includes('\0')) return { ok: false, reason: 'binary' };
  if (hasLongRun(text))
    return { ok: false, reason: `one unbroken run of over ${longestRun} characters (generated?)` };
  return { ok: true, text };
}

const enum_ = { letter: 1, blank: 2, newline: 3, other: 4, digit: 0 } as const;

function classOf(code: number): number {
  if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code > 127) return enum_.letter;
  if (code >= 48 && code <= 57) return enum_.digit;
  if (code === 10 || code === 13) return enum_.newline;
  if (code === 32 || code === 9) return enum_.blank;
  return enum_.other;
}

/** Digits never form a long run: tokenizers split them in threes. */
function hasLongRun(text: string): boolean {
  let run = 0;
  let before = -1;
  for (let i = 0; i < text.length; i++) {
    const kind = classOf(text.charCodeAt(i));
    run = kind === before && kind !== enum_.digit ? run + 1 : 1;
    if (run > longestRun) return true;
    before = kind;
  }
  return false;
}
