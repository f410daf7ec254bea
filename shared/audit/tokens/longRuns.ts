/**
 * Tokenizers split text into pieces by character class and take quadratic time on a long one: a run of 100,000 blanks
 * costs seconds. A run longer than this is counted in slices, which for such runs alone makes the count approximate.
 */
const longestRun = 256;

/** Classes a tokenizer's piece can consist of, as bits; a character may belong to several. */
const blank = 1;
const letter = 2;
const other = 4;
/** Line ends and slashes, which follow punctuation into its piece. */
const tail = 8;

function classesOf(char: string): number {
  const isTail = /[\r\n/]/.test(char) ? tail : 0;
  if (/[\s\u0085]/.test(char)) return blank | isTail;
  if (/\p{L}/u.test(char)) return letter;
  if (/\p{M}/u.test(char)) return letter | other;
  return /\p{N}/u.test(char) ? 0 : other | isTail;
}

const ascii = Uint8Array.from({ length: 128 }, (_, code) => classesOf(String.fromCharCode(code)));

/** Halves of a pair are letters or symbols of scripts and emoji; as both, they can only be cut too early. */
const isHalf = (code: number) => code >= 0xd800 && code <= 0xdfff;
const isSecondHalf = (code: number) => code >= 0xdc00 && code <= 0xdfff;

/** Slices are at most about this long, so that counting one never takes long. */
const longestSlice = 65_536;
const isLetter = (char: string | undefined) => char !== undefined && /^[A-Za-z]$/.test(char);

/** Where a tokenizer begins a new piece whatever surrounds it: a letter after a line end, one blank between letters. */
function isSeam(text: string, i: number): boolean {
  if (text[i - 1] === '\n') return isLetter(text[i]);
  return text[i] === ' ' && isLetter(text[i - 1]) && isLetter(text[i + 1]);
}

/** The text in slices none of which has a run of one class longer than 256; ordinary text is cut only where that changes no count. */
export function cutLongRuns(text: string): string[] {
  const slices: string[] = [];
  let start = 0;
  let [blanks, letters, others, tails] = [0, 0, 0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    const found = code < 128 ? (ascii[code] ?? 0) : isHalf(code) ? letter | other : classesOf(text[i] ?? '');
    blanks = found & blank ? blanks + 1 : 0;
    letters = found & letter ? letters + 1 : 0;
    others = found & other ? others + 1 : 0;
    tails = found & tail ? tails + 1 : 0;
    const long = Math.max(blanks, letters, others, tails) > longestRun && !isSecondHalf(code);
    if (!long && (i - start < longestSlice || !isSeam(text, i))) continue;
    slices.push(text.slice(start, i));
    start = i;
    blanks = letters = others = tails = 1;
  }
  slices.push(text.slice(start));
  return slices;
}
