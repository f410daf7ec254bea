import type { Dice } from './dice.ts';

/** What carriers send for ANONYMOUS. */
export const withheldNumber = '+266696687';

export interface Caller {
  name: string;
  /** How the app may tell the caller from others; undefined where the number is withheld, or there is none. */
  number: string | undefined;
  /** As messages give it. */
  shown: string | undefined;
  /** Another number of theirs, as it is said on the phone. */
  other: string;
  isOnWeb: boolean;
}

/** Someone who calls; numbers are of a range that nobody has. */
export function planCaller(dice: Dice, order: number): Caller {
  const name = `${dice.name()} ${dice.name()}`;
  const base = { name, other: `0491 ${String(570_000 + order).slice(0, 3)} ${dice.digits(3)}` };
  const kind = dice.random();
  if (kind < 0.04) return { ...base, number: undefined, shown: undefined, isOnWeb: true };
  if (kind < 0.08) return { ...base, number: undefined, shown: withheldNumber, isOnWeb: false };
  const number = `+61491${String(100_000 + order * 7)}`;
  return { ...base, number, shown: number, isOnWeb: false };
}
