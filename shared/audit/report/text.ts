import type { Gate } from '../gate/outcome.ts';

/** Characters that show nothing themselves and change how others show: marks of direction, and controls. */
const unseen = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu;

/** Text from outside on one line, without characters that would make it read otherwise than it is written. */
export function oneLine(text: string): string {
  return text.toWellFormed().replace(/\s+/g, ' ').replace(unseen, '').trim();
}

/** One line of at most so many characters; none is cut in two. */
export function clip(text: string, most: number): string {
  const line = oneLine(text);
  return line.length > most
    ? `${line
        .slice(0, most - 1)
        .toWellFormed()
        .replace(/\ufffd$/, '')}…`
    : line;
}

export const whole = (n: number): string => n.toLocaleString('en-US');

/** `1 gap`, `2 gaps`. */
export const count = (n: number, one: string, many = `${one}s`): string =>
  `${whole(n)} ${n === 1 ? one : many}`;

/** US dollars to a hundredth of a cent below one dollar, as a request often costs less than a cent. */
export function dollars(usd: number | null): string {
  if (usd === null) return 'unknown price';
  return `$${usd < 1 && usd !== 0 ? usd.toFixed(4) : usd.toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
}

/** The outcome of a gate in a few words. */
export function gateTitle({ passed, fail_on }: Gate): string {
  if (fail_on === 'none') return 'no gate';
  return passed ? 'passed' : 'failed';
}
