/** Most instances whose last write a row remembers. */
const mostWriters = 16;

/**
 * A row's writers: the last write of each that wrote it lately, newest first, such as `a/7 b/3`. Gives them after one
 * more write. `owner` holds neither a space nor a slash.
 */
export function withWrite(writers: string, owner: string, write: number): string {
  const others = writers.split(' ').filter((entry) => entry !== '' && !entry.startsWith(`${owner}/`));
  return [`${owner}/${write}`, ...others.slice(0, mostWriters - 1)].join(' ');
}

/**
 * Whether the row bears an owner's latest write, though others may have written since; undefined where so many have
 * that it cannot be told.
 */
export function didWrite(writers: string, owner: string, write: number): boolean | undefined {
  const entries = writers.split(' ');
  const own = entries.find((entry) => entry.startsWith(`${owner}/`));
  if (own !== undefined) return own === `${owner}/${write}`;
  return entries.length < mostWriters ? false : undefined;
}
