import type { Property } from '../../storage/tableStore.ts';

/** A property holds 32 K characters. */
const longestProperty = 30_000;

/**
 * A list as properties of a row: `name`, `name1`, `name2` and so on, each JSON of a list by itself, so that whoever knows
 * the first alone reads the beginning. No item may be longer than a property, nor all of them than a row (1 MB, two bytes
 * a character).
 */
export function toListProperties(name: string, list: readonly unknown[]): Record<string, string> {
  const parts: string[][] = [[]];
  let length = 0;
  for (const item of list.map((one) => JSON.stringify(one))) {
    if (length + item.length + 2 > longestProperty) {
      parts.push([]);
      length = 0;
    }
    parts.at(-1)?.push(item);
    length += item.length + 1;
  }
  return Object.fromEntries(parts.map((items, i) => [nameOf(name, i), `[${items.join(',')}]`]));
}

/** What {@link toListProperties} wrote; empty where there is nothing of that name. */
export function fromListProperties<T>(name: string, row: Readonly<Record<string, Property>>): T[] {
  const list: T[] = [];
  for (let i = 0; ; i++) {
    const part = row[nameOf(name, i)];
    if (typeof part !== 'string') return list;
    list.push(...(JSON.parse(part) as T[]));
  }
}

const nameOf = (name: string, i: number) => (i === 0 ? name : `${name}${i}`);
