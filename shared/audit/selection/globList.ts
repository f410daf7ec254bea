import { AppError } from '../../errors.ts';
import type { MatchingEffort } from './glob.ts';
import { compilePattern, coversFile, type PathPattern, spells } from './pathPattern.ts';

const mostGlobs = 100;
const longestGlob = 300;
const mostAlternatives = 64;

function wrong(name: string, why: string): AppError {
  return new AppError(
    'invalid-request',
    `A glob of "${name}" ${why}. Write it like src/**/*.ts or {api,web}/**.`,
  );
}

/** `a/{b,c}` as `a/b` and `a/c`; braces do not nest. */
function expandBraces(name: string, glob: string): string[] {
  let expanded = [''];
  for (const piece of glob.split(/(\{[^{}]*\})/)) {
    const choices = piece.startsWith('{') ? piece.slice(1, -1).split(',') : [piece];
    if (expanded.length * choices.length > mostAlternatives)
      throw wrong(name, `has more than ${mostAlternatives} alternatives`);
    expanded = expanded.flatMap((head) => choices.map((choice) => head + choice));
  }
  return expanded;
}

/**
 * The globs of `include` or `exclude`: those of .auditignore, and `{a,b}`.
 * @throws AppError `invalid-request` for a glob that is empty, overlong or can match nothing.
 */
export class GlobList {
  readonly #patterns: readonly PathPattern[];

  constructor(name: string, globs: readonly string[]) {
    if (globs.length > mostGlobs) throw wrong(name, `is one of more than ${mostGlobs}`);
    this.#patterns = globs.flatMap((given) => {
      const glob = given.trim().replace(/^(?:\.\/)+/, '');
      if (glob === '') throw wrong(name, 'is empty');
      if (glob.length > longestGlob) throw wrong(name, `is longer than ${longestGlob} characters`);
      if (glob.startsWith('!')) throw wrong(name, 'begins with "!"');
      return expandBraces(name, glob).map((text) => {
        const pattern = compilePattern(text);
        if (!pattern) throw wrong(name, 'can match nothing');
        return pattern;
      });
    });
  }

  get isEmpty(): boolean {
    return this.#patterns.length === 0;
  }

  covers(path: string, effort: MatchingEffort): boolean {
    return this.#patterns.some((pattern) => coversFile(pattern, path, effort));
  }

  /** Whether a glob that covers the path spells out the folder's name. */
  spellsFolder(path: string, folder: string, effort: MatchingEffort): boolean {
    return this.#patterns.some((pattern) => spells(pattern, folder) && coversFile(pattern, path, effort));
  }
}
