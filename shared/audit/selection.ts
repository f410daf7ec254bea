/** Which files of a tree are source. */
export interface Selection {
  extensions: readonly string[];
  excludedFolders: readonly string[];
}

/**
 * Why a path is no source: the excluded folder it lies in (`node_modules/`), at any depth, or its extension (`.tsx`,
 * `no extension`). Undefined for source.
 */
export function unselectedReason(
  path: string,
  { extensions, excludedFolders }: Selection,
): string | undefined {
  const folders = path.split('/').slice(0, -1);
  const excluded = folders.find((folder) => excludedFolders.includes(folder));
  if (excluded !== undefined) return `${excluded}/`;
  if (extensions.some((extension) => path.endsWith(extension))) return undefined;
  return /[^/](\.[^./]+)$/.exec(path)?.[1] ?? 'no extension';
}
