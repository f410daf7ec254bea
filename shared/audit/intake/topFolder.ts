/** Folders that downloads are wrapped in: `owner-repo-1f0c2ab`, `repo-main`, `repo-v1.2.3`. */
const wrapper = /-(?:[0-9a-f]{7,64}|main|master|trunk|develop|v?\d{1,9}(?:\.\d{1,9}){1,3})$/;

/** The one folder that everything lies in, with its slash. */
export function commonFolder(paths: Iterable<string>): string | undefined {
  let common: string | undefined;
  for (const path of paths) {
    const folder = path.slice(0, path.indexOf('/') + 1);
    if (folder === '' || (common !== undefined && common !== folder)) return undefined;
    common = folder;
  }
  return common;
}

/**
 * The folder to take off every path, as hosts of repositories wrap their downloads in one. It must be the only one at
 * the top. Where files are named by path (the design, the baseline), it is taken off only if they are not there as
 * named and are there below it; else only if it is named like a download, since a tree of nothing but `src/` is none.
 */
export function wrappingFolder(paths: ReadonlySet<string>, named: readonly string[]): string | undefined {
  const folder = commonFolder(paths);
  if (folder === undefined) return undefined;
  if (named.length === 0) return wrapper.test(folder.slice(0, -1)) ? folder : undefined;
  const isThere = named.some((path) => paths.has(path));
  return !isThere && named.some((path) => paths.has(folder + path)) ? folder : undefined;
}
