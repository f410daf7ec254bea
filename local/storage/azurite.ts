import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { AzuriteOrder, AzuritePorts } from './azuriteProcess.ts';
import { lockFolder } from './folderLock.ts';

/** The emulator's well-known account; not a secret. */
const account = 'devstoreaccount1';
const key = 'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';

export interface Azurite {
  connectionString: string;
  ports: AzuritePorts;
  stop(): Promise<void>;
}

export interface AzuriteOptions {
  /** Folder the data is kept in; undefined keeps it in memory. */
  location?: string | undefined;
  /** The usual 10000 to 10002 where they are free (true), or any free ports. */
  usualPorts?: boolean;
}

/**
 * Starts Azurite in a process of its own, with telemetry off. A wished-for port that is taken is replaced by a free one.
 * @throws Error when another process already uses the data folder, or the emulator does not start.
 */
export async function startAzurite(options: AzuriteOptions = {}): Promise<Azurite> {
  const lock = options.location === undefined ? undefined : await lockFolder(options.location);
  const child = fork(fileURLToPath(new URL('./azuriteProcess.ts', import.meta.url)), {
    execArgv: ['--disable-warning=ExperimentalWarning', '--disable-warning=DEP0040'],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ports = options.usualPorts
    ? { blob: 10000, queue: 10001, table: 10002 }
    : { blob: 0, queue: 0, table: 0 };
  if (child.pid !== undefined) lock?.passTo(child.pid);
  child.send({ location: options.location, ports } satisfies AzuriteOrder);
  const exited = once(child, 'exit');
  const answer = await Promise.race([once(child, 'message'), exited.then(() => undefined)]);
  if (!answer) {
    lock?.release();
    throw new Error('Azurite did not start; its message is above');
  }
  const given = answer[0] as AzuritePorts;
  return {
    ports: given,
    connectionString: connectionString(given),
    async stop() {
      if (child.connected) child.disconnect();
      const stuck = setTimeout(() => child.kill('SIGKILL'), 1500);
      await exited;
      clearTimeout(stuck);
      lock?.release();
    },
  };
}

function connectionString(ports: AzuritePorts): string {
  const endpoint = (service: string, port: number) =>
    `${service}Endpoint=http://127.0.0.1:${port}/${account};`;
  return [
    `DefaultEndpointsProtocol=http;AccountName=${account};AccountKey=${key};`,
    endpoint('Blob', ports.blob),
    endpoint('Queue', ports.queue),
    endpoint('Table', ports.table),
  ].join('');
}
