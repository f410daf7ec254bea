import { type ParseArgsConfig, parseArgs } from 'node:util';

/** A mistake on the command line, or a wish for help: shown as it is, without a stack. */
export class UsageError extends Error {}

/** npm keeps options before `--` to itself and hands them on in the environment only. */
function swallowedByNpm(names: readonly string[]): string | undefined {
  return names.find((name) => process.env[`npm_config_${name.replaceAll('-', '_')}`] !== undefined);
}

/**
 * Options and arguments of a command.
 * @throws UsageError with the usage text for `--help`, for anything unknown, and for options npm has swallowed.
 */
export function readCommandLine<T extends NonNullable<ParseArgsConfig['options']>>(
  usage: string,
  options: T,
  allowPositionals = false,
) {
  const swallowed = swallowedByNpm(Object.keys(options));
  if (swallowed) throw new UsageError(`npm kept --${swallowed} to itself: put -- before it.\n\n${usage}`);
  try {
    const parsed = parseArgs({
      allowPositionals,
      options: { ...options, help: { type: 'boolean', short: 'h' } } as T & { help: { type: 'boolean' } },
    });
    if (!(parsed.values as { help?: boolean }).help) return parsed;
  } catch (error) {
    const said = (error instanceof Error ? error.message : String(error)).split('. ')[0];
    throw new UsageError(`${said}.\n\n${usage}`);
  }
  throw new UsageError(usage);
}

/** Runs a command: what it throws is told in a sentence, and the exit code is 1. */
export function runCommand(main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}
