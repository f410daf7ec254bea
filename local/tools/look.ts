/** What one look at a folder found. */
export interface Look {
  /** Files with a tool in them. */
  tracked: number;
  new: string[];
  changed: string[];
  gone: string[];
  errors: { file: string; problem: string }[];
}

export const noLook: Look = { tracked: 0, new: [], changed: [], gone: [], errors: [] };

/** What two looks found, where the first could not be published; each tool once, as the later one has it. */
export function bothLooks(earlier: Look, now: Look): Look {
  const added = union(without(earlier.new, now.gone), now.new);
  const gone = union(without(earlier.gone, now.new), now.gone);
  const changed = without(union(earlier.changed, now.changed), [...added, ...gone]);
  return { ...now, new: added, changed, gone };
}

const union = (one: readonly string[], other: readonly string[]) => [...new Set([...one, ...other])];

const without = (names: readonly string[], others: readonly string[]) =>
  names.filter((name) => !others.includes(name));
