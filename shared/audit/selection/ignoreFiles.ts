import { AppError } from '../../errors.ts';
import type { MatchingEffort } from './glob.ts';
import { compilePattern, namesPath, type PathPattern } from './pathPattern.ts';

export const ignoreFileName = '.auditignore';

const mostRules = 1_000;

interface Rule {
  pattern: PathPattern;
  negated: boolean;
}

/** The rules of one file, in its order. @throws AppError `invalid-request` where there are too many. */
function readRules(path: string, text: string): Rule[] {
  const rules: Rule[] = [];
  for (const line of text.split('\n')) {
    const trimmed = line.replace(/(?<!\\)[ \t\r]{1,1000}$/, '');
    if (trimmed === '' || trimmed.startsWith('#')) continue;
    const negated = trimmed.startsWith('!');
    const pattern = compilePattern(negated ? trimmed.slice(1) : trimmed);
    if (pattern) rules.push({ pattern, negated });
    if (rules.length > mostRules)
      throw new AppError(
        'invalid-request',
        `"${path}" has more than ${mostRules} rules. Use fewer, wider ones.`,
      );
  }
  return rules;
}

/** The `.auditignore` files of a tree, read as git reads `.gitignore`. */
export class IgnoreFiles {
  readonly #effort: MatchingEffort;
  /** By folder, `` for the root. */
  readonly #rules = new Map<string, Rule[]>();
  readonly #ignoredFolders = new Map<string, boolean>();

  constructor(files: Iterable<readonly [path: string, text: string]>, effort: MatchingEffort) {
    this.#effort = effort;
    for (const [path, text] of files)
      this.#rules.set(path.slice(0, -ignoreFileName.length).replace(/\/$/, ''), readRules(path, text));
  }

  ignores(path: string): boolean {
    if (this.#rules.size === 0) return false;
    const names = path.split('/');
    return this.#ignoresFolder(names.slice(0, -1)) || this.#decide(names, false);
  }

  /** What lies in an ignored folder cannot be taken back. */
  #ignoresFolder(names: readonly string[]): boolean {
    if (names.length === 0) return false;
    const key = names.join('/');
    const known = this.#ignoredFolders.get(key);
    if (known !== undefined) return known;
    const ignored = this.#ignoresFolder(names.slice(0, -1)) || this.#decide(names, true);
    this.#ignoredFolders.set(key, ignored);
    return ignored;
  }

  /** The last rule that names the path decides, that of the nearest folder first. */
  #decide(names: readonly string[], isFolder: boolean): boolean {
    for (let depth = names.length - 1; depth >= 0; depth--) {
      const rules = this.#rules.get(names.slice(0, depth).join('/')) ?? [];
      const below = names.slice(depth);
      const rule = rules.findLast(({ pattern }) => namesPath(pattern, below, isFolder, this.#effort));
      if (rule) return !rule.negated;
    }
    return false;
  }
}
