import { execFile } from 'node:child_process';
import { codeOf, Failure } from '../failure.ts';
import { plain } from '../output/plainText.ts';

const longestList = 1024 * 1024 * 1024;

interface Ran {
  code: number;
  stdout: Buffer;
  stderr: string;
}

/** What a hook's environment says of another repository or index is not for this one. */
function cleanEnv(): NodeJS.ProcessEnv {
  const { GIT_DIR, GIT_WORK_TREE, GIT_INDEX_FILE, GIT_PREFIX, GIT_OBJECT_DIRECTORY, ...rest } = process.env;
  return { ...rest, LC_ALL: 'C', GIT_OPTIONAL_LOCKS: '0' };
}

/** Runs git without a shell; undefined where it is not installed. */
function git(directory: string, args: readonly string[]): Promise<Ran | undefined> {
  return new Promise((resolve, reject) => {
    // A repository's own setting could name a program to run here.
    const all = ['-c', 'core.fsmonitor=false', '-C', directory, ...args];
    const options = { encoding: 'buffer', maxBuffer: longestList, env: cleanEnv() } as const;
    execFile('git', all, options, (error, stdout, stderr) => {
      if (error && codeOf(error) === 'ENOENT') resolve(undefined);
      else if (error && typeof error.code !== 'number') reject(error);
      else resolve({ code: Number(error?.code ?? 0), stdout, stderr: stderr.toString() });
    });
  });
}

export type WorkTree = { found: true; prefix: string } | { found: false; isInstalled: boolean };

/**
 * Whether a folder lies in a git work tree, and its path in there, `''` or ending in `/`.
 * @throws Failure where git finds a repository and will not read it
 */
export async function findWorkTree(directory: string): Promise<WorkTree> {
  const ran = await git(directory, ['rev-parse', '--is-inside-work-tree', '--show-prefix']);
  if (!ran) return { found: false, isInstalled: false };
  if (ran.code === 0) {
    const [isInside, ...prefix] = ran.stdout.toString().replace(/\n$/, '').split('\n');
    return isInside === 'true'
      ? { found: true, prefix: prefix.join('\n') }
      : { found: false, isInstalled: true };
  }
  if (/not a git repository/i.test(ran.stderr)) return { found: false, isInstalled: true };
  throw new Failure(
    `git cannot read ${directory}: ${plain(ran.stderr)} Mend that, or pass --no-git to take the folder with all that is in it.`,
  );
}

/** Paths of all files git does not ignore, committed or not, from the folder; that of a nested repository ends in `/`. */
export async function listFiles(directory: string): Promise<string[]> {
  const ran = await git(directory, ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  if (ran?.code !== 0)
    throw new Failure(`git cannot list the files of ${directory}: ${plain(ran?.stderr ?? 'not installed')}`);
  return [...new Set(ran.stdout.toString().split('\0'))].filter(Boolean);
}
