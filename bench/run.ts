/** `npm run bench -- NAME [--quick]`: measures beside a peer, prints a table, exits 1 where a stated goal is missed. */
import { parseArgs } from 'node:util';

const benches: Record<string, () => Promise<(quick: boolean) => Promise<boolean>>> = {
  webhook: async () => (await import('./webhook.ts')).webhook,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false } },
});
const load = benches[positionals[0] ?? ''];
if (load) {
  const bench = await load();
  process.exit((await bench(values.quick)) ? 0 : 1);
}
console.error(
  `Say what to measure: npm run bench -- NAME [--quick]. There is: ${Object.keys(benches).join(', ')}.`,
);
process.exit(2);
