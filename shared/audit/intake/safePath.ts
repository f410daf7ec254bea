import { AppError } from '../../errors.ts';

const longestPath = 1024;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const control = /[\u0000-\u001f\u007f\u2028\u2029]/;

/**
 * A path from outside, with leading `./` taken off.
 * @throws AppError `unsafe-archive` for absolute paths, `..`, backslashes, control characters and overlong paths.
 */
export function safePath(given: string): string {
  const path = given.replace(/^(?:\.\/)+/, '');
  const shown = path.replace(/[^\x20-\x7e]/g, '?').slice(0, 100);
  const refuse = (why: string) =>
    new AppError(
      'unsafe-archive',
      `The path "${shown}" ${why}. Send paths relative to the root of the tree, as git archive does.`,
    );
  if (path === '') throw refuse('is empty');
  if (path.length > longestPath) throw refuse(`is longer than ${longestPath} characters`);
  if (control.test(path)) throw refuse('has control characters');
  if (path.includes('\\')) throw refuse('has a backslash');
  if (path.startsWith('/') || /^[a-z]:/i.test(path)) throw refuse('is absolute');
  const parts = path.split('/');
  if (parts.includes('..')) throw refuse('leads out of the tree');
  if (parts.includes('.') || parts.includes('')) throw refuse('has an empty part');
  return path;
}
