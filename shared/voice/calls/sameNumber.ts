/** Fewer digits than this are no number of a person. */
const leastDigits = 7;

const digitsOf = (number: string) => number.replace(/\D/g, '');

/** Whether two texts are one number, however they are punctuated; or the same address, where it is none. */
export function isSameNumber(a: unknown, b: string): boolean {
  if (typeof a !== 'string' || a.trim() === '') return false;
  if (a.trim() === b.trim()) return true;
  const digits = digitsOf(a);
  return digits.length >= leastDigits && !/[a-z@]/i.test(a) && digits === digitsOf(b);
}
