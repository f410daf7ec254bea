/** Which files of a tree are source. */
export interface Selection {
  extensions: readonly string[];
  excludedFolders: readonly string[];
}

/** True for a path that ends in one of the extensions and lies in none of the excluded folders, at any depth. */
export function isSource(path: string, { extensions, excludedFolders }: Selection): boolean {
  const folders = path.split('/').slice(0, -1);
  return (
    extensions.some((extension) => path.endsWith(extension)) &&
    !folders.some((folder) => excludedFolders.includes(folder))
  );
}
