/** `npm start [-- --port N] [--ephemeral]`: Gatehouse on this machine, with storage and sample data. */
import { parseArgs } from 'node:util';
import { consoleLog } from './consoleLog.ts';
import { startGatehouse } from './gatehouse.ts';
import { parsePort, portInUse } from './ports.ts';
import { onStopSignal } from './stopSignal.ts';

const purposes: Record<string, string> = {
  audit: 'holds a source tree against its High-Level Design',
  healthz: 'alive',
  readyz: 'settings and storage checked',
  vapiWebhook: "Vapi's server URL",
};

function printWelcome(
  { host, azurite }: Awaited<ReturnType<typeof startGatehouse>>,
  ephemeral: boolean,
): void {
  const base = `http://localhost:${host.port}`;
  if (azurite) {
    const { blob, queue, table } = azurite.ports;
    console.log(
      `Storage: Azurite (blob ${blob}, queue ${queue}, table ${table}), data ${ephemeral ? 'in memory' : 'kept in .local/storage'}`,
    );
    console.log('Sample:  tenant Acme Plumbing, a phone call and a source tree in local/sample/');
  }
  console.log('');
  for (const {
    methods,
    route,
    function: { metadata },
  } of host.routes) {
    console.log(
      `  ${methods.join(',').padEnd(5)} ${`${base}/api/${route}`.padEnd(42)} ${purposes[metadata.name] ?? ''}`,
    );
  }
  console.log(`
A call comes in (Vapi asks who answers):

  curl -sS ${base}/api/vapi/webhook -H 'content-type: application/json' -d @local/sample/calls/assistant-request.json

Check a build against its drawings:

  tar -czf - -C local/sample/bookings docs src | curl -sS --data-binary @- -H 'content-type: application/gzip' -H 'accept: text/markdown' '${base}/api/audit?hld=docs/hld.md'

Gatehouse is listening on ${base}`);
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { port: { type: 'string' }, ephemeral: { type: 'boolean', default: false } },
  });
  const port = parsePort(values.port ?? process.env.PORT ?? '7071');
  const gatehouse = await startGatehouse({ port, ephemeral: values.ephemeral, log: consoleLog }).catch(
    (error: unknown) => {
      throw portInUse(error, port);
    },
  );
  onStopSignal(() => gatehouse.stop());
  if (gatehouse.host.failure) throw gatehouse.host.failure;
  printWelcome(gatehouse, values.ephemeral);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});
