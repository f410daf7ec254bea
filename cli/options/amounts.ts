import { Failure } from '../failure.ts';

const units: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000 };
const longestTimeout = 24 * 3_600_000;

/** `90s`, `30m`, `2h`, or seconds, in milliseconds. @throws Failure */
export function readDuration(text: string): number {
  const [, amount, unit = 's'] = /^(\d+(?:\.\d+)?)\s*([smh])?$/.exec(text.trim()) ?? [];
  const ms = Number(amount) * (units[unit] ?? Number.NaN);
  if (!(ms > 0 && ms <= longestTimeout))
    throw new Failure(`--timeout ${text}: write 90s, 30m or 2h, at most 24h.`);
  return ms;
}

/** US dollars above zero, as the service reads them. @throws Failure */
export function readDollars(text: string): string {
  const amount = text.trim().replace(/^\$/, '');
  if (!/^(?:\d{1,9}(?:\.\d{1,6})?|\.\d{1,6})$/.test(amount) || Number(amount) <= 0)
    throw new Failure(`--max-cost ${text}: write US dollars above 0, with up to six decimals: 0.50.`);
  return amount.replace(/^\./, '0.');
}

/** A whole number above zero; `_` and `,` may group its digits. @throws Failure */
export function readCount(text: string): string {
  const digits = text.trim().replace(/(?<=\d)[_,](?=\d{3})/g, '');
  if (!/^[1-9]\d{0,11}$/.test(digits))
    throw new Failure(`--max-tokens ${text}: write a whole number above 0: 200000.`);
  return digits;
}

/** One of a few words. @throws Failure that lists them */
export function readChoice<const T extends string>(option: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) throw new Failure(`--${option} ${text}: write ${choices.join(', ')}.`);
  return found;
}
