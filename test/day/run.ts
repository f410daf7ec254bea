/** `npm run day`: plays a day of calls against a Gatehouse of its own and says what came of it; exits 1 where anything differs. */
import { appendFileSync } from 'node:fs';
import { readCommandLine, runCommand, UsageError } from '../../local/commandLine.ts';
import { runDay } from './day.ts';
import { sayReport } from './report.ts';

const usage = `usage: npm run day -- [--tenants 200] [--calls 2000] [--faults] [--seed 1] [--log FILE]

  --faults   storage fails, hangs and breaks off, and instances are killed twice
  --log      gets what the app has printed`;

runCommand(async () => {
  const { values } = readCommandLine(usage, {
    tenants: { type: 'string', default: '200' },
    calls: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    faults: { type: 'boolean', default: false },
    log: { type: 'string' },
  });
  const [tenants = 0, calls = 0, seed = 0] = [values.tenants, values.calls, values.seed].map(Number);
  if (![tenants, calls, seed].every(Number.isSafeInteger) || tenants < 1 || calls < 1)
    throw new UsageError(usage);
  const { log } = values;
  const report = await runDay({
    seed,
    tenants,
    calls,
    hasFaults: values.faults,
    ...(log === undefined ? {} : { keep: (text: string) => appendFileSync(log, text) }),
    say: (text) => console.error(`${new Date().toTimeString().slice(0, 8)} ${text}`),
  });
  console.log(sayReport(report));
  process.exit(report.differences.length === 0 ? 0 : 1);
});
