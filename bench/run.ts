/** `npm run bench -- NAME [--quick]`: measures beside a peer, prints a table, exits 1 where a stated goal is missed. */
import { readCommandLine, runCommand, UsageError } from '../local/commandLine.ts';

const benches: Record<string, () => Promise<(quick: boolean) => Promise<boolean>>> = {
  webhook: async () => (await import('./webhook.ts')).webhook,
  limits: async () => (await import('./limits.ts')).limits,
  tools: async () => (await import('./tools.ts')).tools,
  audit: async () => (await import('./audit.ts')).audit,
  verdicts: async () => (await import('./verdicts.ts')).verdictsBench,
};

const usage = `usage: npm run bench -- NAME [--quick]

  NAME      ${Object.keys(benches).join(', ')}
  --quick   fewer and shorter rounds, under a minute`;

runCommand(async () => {
  const { values, positionals } = readCommandLine(
    usage,
    { quick: { type: 'boolean', default: false } },
    true,
  );
  const load = benches[positionals[0] ?? ''];
  if (!load) throw new UsageError(usage);
  const bench = await load();
  // The processes of tools keep nobody up.
  setInterval(() => {}, 1_000);
  process.exit((await bench(values.quick)) ? 0 : 1);
});
