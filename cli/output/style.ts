import type { WriteStream } from 'node:tty';

/** How text is dressed: colours, and signs beyond ASCII. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  yellow(text: string): string;
  green(text: string): string;
  cyan(text: string): string;
  signs: Readonly<{ pass: string; fail: string; dot: string; full: string; empty: string; spin: string }>;
}

const codes = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
  cyan: [36, 39],
};

const drawn = { pass: '✔', fail: '✘', dot: '·', full: '█', empty: '░', spin: '⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏' };
const typed = { pass: '+', fail: 'x', dot: '|', full: '#', empty: '.', spin: '|/-\\' };

export function makeStyle(colored: boolean, isDrawn: boolean): Style {
  const paint =
    ([on, off]: number[]) =>
    (text: string) =>
      colored && text !== '' ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return {
    bold: paint(codes.bold),
    dim: paint(codes.dim),
    red: paint(codes.red),
    yellow: paint(codes.yellow),
    green: paint(codes.green),
    cyan: paint(codes.cyan),
    signs: isDrawn ? drawn : typed,
  };
}

/** Whether colours are wanted on a stream: as was said, else where it is a terminal that has them. */
export function wantsColor(
  when: 'auto' | 'always' | 'never',
  stream: Pick<WriteStream, 'isTTY'>,
  env: NodeJS.ProcessEnv,
): boolean {
  if (when !== 'auto') return when === 'always';
  return Boolean(stream.isTTY) && !env.NO_COLOR && env.TERM !== 'dumb';
}

/** Whether a terminal shows more than ASCII, by its locale; Windows says nothing of it, and its terminals do. */
export function isUnicodeTerminal(env: NodeJS.ProcessEnv, platform: NodeJS.Platform): boolean {
  const locale = env.LC_ALL || env.LC_CTYPE || env.LANG || '';
  if (platform === 'win32') return Boolean(env.WT_SESSION) || env.TERM_PROGRAM === 'vscode';
  return platform === 'darwin' || /utf-?8/i.test(locale);
}
