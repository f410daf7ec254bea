/** Has repomix pack a folder six times, in a process of its own: files read, secrets looked for, packed and counted in o200k_base. */
import type { IntakeResult } from './auditIntake.ts';

interface Repomix {
  runCli(
    directories: string[],
    cwd: string,
    options: Record<string, unknown>,
  ): Promise<
    | {
        packResult: {
          totalFiles: number;
          totalTokens: number;
          totalCharacters: number;
          suspiciousFilesResults: unknown[];
        };
      }
    | undefined
  >;
}

// A peer's package is installed beside the benches alone, so that the compiler must not look for it.
const name: string = 'repomix';
const { runCli } = (await import(name)) as Repomix;

const [folder = '', out = ''] = process.argv.slice(2);
const options = {
  quiet: true,
  output: out,
  style: 'xml',
  securityCheck: true,
  tokenCountEncoding: 'o200k_base',
  defaultPatterns: false,
  gitignore: false,
  skipGlobalConfig: true,
};

const times: number[] = [];
let [files, tokens, secrets, bytes] = [0, 0, 0, 0];
for (let n = 0; n < 6; n++) {
  const began = n === 0 ? 0 : performance.now();
  const ran = await runCli(['.'], folder, options);
  times.push(performance.now() - began);
  files = ran?.packResult.totalFiles ?? 0;
  tokens = ran?.packResult.totalTokens ?? 0;
  bytes = ran?.packResult.totalCharacters ?? 0;
  secrets = ran?.packResult.suspiciousFilesResults.length ?? 0;
}
const peakBytes = process.resourceUsage().maxRSS * 1024;
process.send?.({ files, tokens, secrets, bytes, times, peakBytes } satisfies IntakeResult);
process.disconnect?.();
process.exit(0);
