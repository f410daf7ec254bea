/** Fewer digits than this are no number of a person. */
const leastDigits = 7;
/** So many digits at the end of a number tell whose it is, where one of two is written without its country. */
const leastShared = 8;
/** From so many digits on the first one or two may be an access code other than zeros, as `8` in Russia; not in fewer. */
const leastWithCode = 11;

/** A phone number within a text, however it is punctuated. */
const written = /\+?\d(?:(?:[\s().\-\u2010-\u2015]*|\/)\d){6,}/g;

interface Digits {
  digits: string;
  /** With its country's code, as the `+` says. */
  isInternational: boolean;
}

/**
 * Whether a text, as a caller or their line gave it, names a number, or is the same address where that is none. Two
 * numbers that both begin with `+` are the same where all digits are. Where one does not, as in `0411 222 333`, its
 * country is not known: then they are the same where the shorter one, without the zeros or the access code that are
 * dialled before it, ends the longer.
 */
export function isSameNumber(text: unknown, number: string): boolean {
  if (typeof text !== 'string' || text.trim() === '') return false;
  if (text.trim() === number.trim()) return true;
  const asked = numbersIn(number);
  return numbersIn(text).some((one) => asked.some((other) => areSame(one, other)));
}

function numbersIn(text: string): Digits[] {
  if (text.includes('@')) return [];
  return [...text.replaceAll('(0)', '').matchAll(written)].map(([found]) => ({
    digits: found.replace(/\D/g, ''),
    isInternational: found.startsWith('+'),
  }));
}

function areSame(a: Digits, b: Digits): boolean {
  if (a.digits === b.digits) return a.digits.length >= leastDigits;
  if (a.isInternational && b.isInternational) return false;
  return isEndOf(a, b) || isEndOf(b, a);
}

/** Whether `short`, written without its country, ends `long`. */
function isEndOf(short: Digits, { digits: long }: Digits): boolean {
  if (short.isInternational) return false;
  const digits = short.digits.replace(/^0+/, '');
  const codes = digits.length >= leastWithCode ? [0, 1, 2] : [0];
  return digits.length >= leastShared && codes.some((length) => long.endsWith(digits.slice(length)));
}
