/** `npm start [-- --port N] [--ephemeral]`: Gatehouse on this machine, with storage and sample data. */
import { readCommandLine, runCommand } from './commandLine.ts';
import { consoleLog } from './consoleLog.ts';
import { type LocalGatehouse, startGatehouse } from './gatehouse.ts';
import { parsePort, portInUse } from './ports.ts';
import { onStopSignal } from './stopSignal.ts';

const usage = `usage: npm start -- [--port N] [--ephemeral]

  --port N      listen on port N (0: any free one); default PORT or 7071
  --ephemeral   keep the data in memory instead of .local/`;

const purposes: Record<string, string> = {
  audit: 'holds a source tree against its High-Level Design; what came of one that became a job',
  healthz: 'alive',
  limits: 'a limit as it stands; DELETE fills it again',
  callers: 'forgets a caller',
  calls: 'calls of a business, also as CSV',
  call: 'a call; DELETE forgets it',
  transcript: 'what was said, as JSON or text',
  doNotCall: 'a number that no campaign calls',
  schemas: 'JSON Schemas for editors',
  deliveries: 'what its own system was told, and what is stuck',
  leads: 'what callers left, also as CSV',
  mcp: 'tools of a business for MCP clients, and audits of designs',
  retryDelivery: 'tells it again',
  readyz: 'settings and storage checked',
  tenant: 'one business and a preview of its assistant',
  tenants: 'the businesses it answers for',
  tools: 'what assistants can call, and where it is live',
  usage: 'what was used and what it cost, by day, model, tenant, caller',
  vapiWebhook: "Vapi's server URL",
};

function printRoutes(base: string, routes: LocalGatehouse['host']['routes']): void {
  const lines = [...routes]
    .sort((a, b) => a.path.localeCompare(b.path))
    .map(({ methods, path, name }) => [methods.join(','), `${base}${path}`, purposes[name] ?? '']);
  const [first = 0, second = 0] = [0, 1].map((i) => Math.max(...lines.map((line) => line[i]?.length ?? 0)));
  for (const [methods = '', url = '', purpose] of lines)
    console.log(`  ${methods.padEnd(first)}  ${url.padEnd(second)}  ${purpose}`);
}

function printStorage(azurite: LocalGatehouse['azurite'], ephemeral: boolean): void {
  if (!azurite) {
    console.log('Storage: the account that AzureWebJobsStorage names. No sample data is loaded into it.');
    if (ephemeral) console.log('         --ephemeral has no effect on it.');
    return;
  }
  const { blob, queue, table } = azurite.ports;
  console.log(
    `Storage: Azurite (blob ${blob}, queue ${queue}, table ${table}), data ${ephemeral ? 'in memory' : 'kept in .local/storage'}`,
  );
  console.log('Sample:  tenant Acme Plumbing, a phone call and a source tree in local/sample/');
}

function printProblems(problems: LocalGatehouse['problems']): void {
  if (problems.length === 0) return;
  console.log(
    '\nThese settings are wrong; until they are mended a default stands in, or what needs them answers 503:',
  );
  for (const { setting, problem } of problems) console.log(`  ${setting}: ${problem}`);
}

/** The commands to try; a configured secret is named, never printed. */
function printCommands(base: string): void {
  const secret = process.env.VAPI_WEBHOOK_SECRET ? ` -H "x-vapi-secret: $VAPI_WEBHOOK_SECRET"` : '';
  console.log(`
A call comes in (Vapi asks who answers):

  curl -sS ${base}/api/vapi/webhook -H 'content-type: application/json'${secret} -d @local/sample/calls/assistant-request.json

Check a build against its drawings:

  tar -czf - -C local/sample/bookings docs src | curl -sS --data-binary @- -H 'content-type: application/gzip' -H 'accept: text/markdown' '${base}/api/audit?hld=docs/hld.md'
`);
}

runCommand(async () => {
  const { values } = readCommandLine(usage, {
    port: { type: 'string' },
    ephemeral: { type: 'boolean', default: false },
  });
  const port = parsePort(values.port ?? process.env.PORT ?? '7071');
  const gatehouse = await startGatehouse({ port, ephemeral: values.ephemeral, log: consoleLog }).catch(
    (error: unknown) => {
      throw portInUse(error, port, 'npm start');
    },
  );
  onStopSignal(async () => {
    await gatehouse.stop();
    console.log('Gatehouse has stopped.');
  });
  if (gatehouse.host.failure) {
    await gatehouse.stop();
    throw gatehouse.host.failure;
  }
  const base = `http://localhost:${gatehouse.host.port}`;
  printStorage(gatehouse.azurite, values.ephemeral);
  printProblems(gatehouse.problems);
  console.log('');
  printRoutes(base, gatehouse.host.routes);
  printCommands(base);
  console.log(`Gatehouse is listening on ${base}`);
});
