import { MatchingEffort } from './glob.ts';
import { GlobList } from './globList.ts';
import { isLockFile } from './machineMade.ts';

/** Which files of a tree are source, as far as their paths tell. */
export interface SelectionRules {
  extensions: readonly string[];
  excludedFolders: readonly string[];
  /** Globs; where there are any, only what they cover is source, whatever its extension. */
  include: readonly string[];
  exclude: readonly string[];
}

/**
 * Chooses source by path. `exclude` goes before `include`, and `include` before everything else: it takes files of any
 * extension, generated, minified and lock files too. Excluded folders (`node_modules`) stay left out, unless a glob
 * spells their name: `**\/*.js` does not mean dependencies, `vendor/acme/**` does.
 */
export class Selection {
  readonly rules: SelectionRules;
  readonly effort = new MatchingEffort();
  readonly #include: GlobList;
  readonly #exclude: GlobList;

  /** @throws AppError `invalid-request` for globs that cannot be right. */
  constructor(rules: SelectionRules) {
    this.rules = rules;
    this.#include = new GlobList('include', rules.include);
    this.#exclude = new GlobList('exclude', rules.exclude);
  }

  /** Whether a glob of `include` asks for this file. */
  includes(path: string): boolean {
    return this.#include.covers(path, this.effort);
  }

  /**
   * Why a path is no source: `exclude`, `not in include`, the excluded folder it lies in (`node_modules/`), at any
   * depth, `lock file`, or its extension (`.png`, `no extension`). Undefined for source.
   */
  unselectedReason(path: string): string | undefined {
    if (this.#exclude.covers(path, this.effort)) return 'exclude';
    if (!this.#include.isEmpty && !this.includes(path)) return 'not in include';
    const folder = this.#excludedFolder(path);
    if (folder !== undefined && !this.#include.spellsFolder(path, folder, this.effort)) return `${folder}/`;
    if (!this.#include.isEmpty) return undefined;
    if (isLockFile(path)) return 'lock file';
    if (this.rules.extensions.some((extension) => path.endsWith(extension))) return undefined;
    return /[^/](\.[^./]+)$/.exec(path)?.[1] ?? 'no extension';
  }

  #excludedFolder(path: string): string | undefined {
    const folders = path.split('/').slice(0, -1);
    return folders.find((folder) => this.rules.excludedFolders.includes(folder));
  }
}
