import { tryJson } from '../tryJson.ts';

/** Deeper values could exhaust the stack of whoever walks them. */
const deepest = 64;

/** The value of a JSON text from outside; undefined where it is none, longer than `most` UTF-16 units, or nested too deeply. */
export function boundedJson(text: string, most: number): unknown {
  if (text.length > most) return undefined;
  const value = tryJson(text);
  return isDeeperThan(deepest, value) ? undefined : value;
}

function isDeeperThan(levels: number, value: unknown): boolean {
  let level = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > levels) return true;
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
  }
  return false;
}
