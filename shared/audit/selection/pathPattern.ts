import { compilePart, type MatchingEffort, matchesPart, matchSequence, type Part } from './glob.ts';

const anyDepth = Symbol('**');
type Step = Part | typeof anyDepth;

/**
 * One pattern as gitignore writes it: without a slash at its beginning or in its middle it matches at any depth, `**`
 * stands for folders, and what it names stands for all that lies under it.
 */
export interface PathPattern {
  steps: readonly Step[];
  /** Of the pattern `build/`, which means folders only. */
  foldersOnly: boolean;
}

/** Undefined for a pattern that can match nothing. */
export function compilePattern(text: string): PathPattern | undefined {
  const foldersOnly = text.endsWith('/');
  const body = foldersOnly ? text.slice(0, -1) : text;
  const isAnchored = body.includes('/');
  const names = body.replace(/^\//, '').split('/');
  const steps: Step[] = isAnchored ? [] : [anyDepth];
  for (const name of names) {
    if (name === '') return undefined;
    const step = name === '**' ? anyDepth : compilePart(name);
    if (!step) return undefined;
    if (step !== anyDepth || steps.at(-1) !== anyDepth) steps.push(step);
  }
  // A trailing `/**` is what lies in the folder, not the folder.
  if (steps.length > 1 && steps.at(-1) === anyDepth)
    steps.push({ kind: 'tokens', tokens: [{ kind: 'star' }] });
  return { steps, foldersOnly };
}

const isAnyDepth = (step: Step) => step === anyDepth;

/** Whether the pattern names exactly this path. */
export function namesPath(
  { steps, foldersOnly }: PathPattern,
  names: readonly string[],
  isFolder: boolean,
  effort: MatchingEffort,
): boolean {
  if (foldersOnly && !isFolder) return false;
  const matches = (step: Step, name: string) => step !== anyDepth && matchesPart(step, name, effort);
  return matchSequence(steps, names, isAnyDepth, matches, effort);
}

/** Whether the pattern names this file or a folder it lies in. */
export function coversFile(pattern: PathPattern, path: string, effort: MatchingEffort): boolean {
  const names = path.split('/');
  return names.some((_, i) => {
    const isFile = i === names.length - 1;
    return namesPath(pattern, names.slice(0, i + 1), !isFile, effort);
  });
}

/** Whether the pattern spells the name of a folder out. */
export function spells(pattern: PathPattern, folder: string): boolean {
  return pattern.steps.some((step) => step !== anyDepth && step.kind === 'literal' && step.text === folder);
}
