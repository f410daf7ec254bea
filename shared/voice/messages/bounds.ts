import { isObject } from '../../isObject.ts';
import { numberOf, textOf, timeOf } from './tolerant.ts';

/** A property of a table row holds 32 K characters; more would be refused. */
export const longestText = 30_000;
export const longestWord = 1_000;
const longestLink = 2_000;

/** Times outside are mistakes: seconds taken for milliseconds, or a clock that was never set. */
const earliest = '2000-01-01T00:00:00.000Z';
const latest = '2200-01-01T00:00:00.000Z';

/** Control characters other than tab and line breaks. */
const controls = /(?![\t\n\r])\p{Cc}/gu;

/** Text that fits a column and comes back from it as it was put: no half characters, no control characters. */
export function clip(text: string | undefined, most: number): string | undefined {
  return text?.slice(0, most).toWellFormed().replace(controls, '').trim() || undefined;
}

/** One word of a vocabulary, such as a status or a kind of destination. Whatever could be a number or a name is none. */
export function wordOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && /^[a-z][a-z_.-]{0,63}$/i.test(text) ? text : undefined;
}

/** A time between 2000 and 2200, as ISO text of 24 characters. */
export function momentOf(value: unknown): string | undefined {
  const time = timeOf(value);
  // A year beyond 9999 has a sign, and sorts before all others.
  return time !== undefined && time.length === 24 && time >= earliest && time < latest ? time : undefined;
}

/** An amount from 0 to `most`, rounded so that a table keeps it exactly; others are mistakes. */
export function amountOf(value: unknown, most: number, decimals: number): number | undefined {
  const number = numberOf(value);
  if (number === undefined || number < 0 || number > most) return undefined;
  const scale = 10 ** decimals;
  // A table keeps no minus zero.
  return Math.round(number * scale) / scale + 0;
}

/** The address of a recording or the like; one that does not fit would be of no use shortened. */
export function linkOf(value: unknown): string | undefined {
  const text = textOf(value);
  return text !== undefined && text.length <= longestLink && /^https?:\/\/[\x21-\x7e]+$/i.test(text)
    ? text
    : undefined;
}

/** JSON text of an object or a list that fits a column; what does not is only in the report as received. */
export function jsonOf(value: unknown): string | undefined {
  if (!isObject(value) && !Array.isArray(value)) return undefined;
  try {
    const text = JSON.stringify(value);
    return text.length <= longestText ? text : undefined;
  } catch {
    // Nested more deeply than the stack goes.
    return undefined;
  }
}
