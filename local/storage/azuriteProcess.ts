/**
 * Child process of `startAzurite`: runs the emulator's three services and tells the parent their ports. It ends
 * when the parent asks for it, or is gone.
 */
import { mkdirSync } from 'node:fs';
import Module, { createRequire } from 'node:module';
import { join } from 'node:path';

interface AzuriteServer {
  start(): Promise<void>;
  close(): Promise<void>;
  getHttpServerAddress(): string;
  /** Sweeps what was deleted. While it goes through thousands of messages, storage stands still for minutes. */
  gcManager?: unknown;
}

/** What the parent sends: the data folder (undefined: memory only) and the ports wished for (0: any). */
export interface AzuriteOrder {
  location: string | undefined;
  ports: { blob: number; queue: number; table: number };
}
export type AzuritePorts = AzuriteOrder['ports'];

const require = createRequire(import.meta.url);

// Azurite loads its telemetry client at import, which costs seconds; an empty module keeps it off for good.
const original = Module.prototype.require;
Module.prototype.require = Object.assign(function (this: NodeJS.Module, id: string) {
  return id === 'applicationinsights' ? {} : Reflect.apply(original, this, [id]);
}, original);

function construct<T>(path: string, ...args: unknown[]): T {
  const { default: Class } = require(`azurite/dist/src/${path}`) as {
    default: new (...args: unknown[]) => T;
  };
  return new Class(...args);
}

/** Blob and queue services keep their content in extents beside their metadata. */
function withExtents(kind: 'blob' | 'queue', port: number, dir: string, memory: boolean): AzuriteServer {
  const name = kind === 'blob' ? 'Blob' : 'Queue';
  const store = [{ locationId: 'Default', locationPath: join(dir, kind), maxConcurrency: 50 }];
  const files = [join(dir, `${kind}.json`), join(dir, `${kind}-extents.json`), store];
  const configuration = construct(
    `${kind}/${name}Configuration`,
    '127.0.0.1',
    port,
    keepAliveS,
    ...files,
    false,
    undefined,
    ...common,
    memory,
  );
  const server = construct<AzuriteServer>(`${kind}/${name}Server`, configuration);
  // In memory there is little to sweep before it ends.
  if (memory) server.gcManager = undefined;
  return server;
}

const keepAliveS = 5;
/** Debug log off, no debug file, loose, no API version check, no certificate, no OAuth, product-style URLs. */
const common = [false, undefined, true, true, '', '', '', undefined, false];

/** The constructors' arguments are positional and undocumented, hence the exact pin of the package. */
const services = {
  blob: (port: number, dir: string, memory: boolean) => withExtents('blob', port, dir, memory),
  queue: (port: number, dir: string, memory: boolean) => withExtents('queue', port, dir, memory),
  table(port: number, dir: string, memory: boolean) {
    const file = join(dir, 'table.json');
    const configuration = construct(
      'table/TableConfiguration',
      '127.0.0.1',
      port,
      keepAliveS,
      file,
      false,
      false,
      undefined,
      ...common.slice(1),
      memory,
    );
    return construct<AzuriteServer>('table/TableServer', configuration);
  },
};

async function startOne(
  kind: keyof typeof services,
  order: AzuriteOrder,
): Promise<{ server: AzuriteServer; port: number }> {
  const dir = order.location ?? '';
  for (const port of [order.ports[kind], 0]) {
    const server = services[kind](port, dir, order.location === undefined);
    try {
      await server.start();
      return { server, port: Number(new URL(server.getHttpServerAddress()).port) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || port === 0) throw error;
    }
  }
  throw new Error('unreachable: port 0 is always free');
}

async function main(order: AzuriteOrder): Promise<void> {
  if (order.location) mkdirSync(order.location, { recursive: true });
  const [blob, queue, table] = await Promise.all([
    startOne('blob', order),
    startOne('queue', order),
    startOne('table', order),
  ]);
  let _closing: Promise<unknown> | undefined;
  const stop = () => {
    _closing ??= Promise.allSettled([blob, queue, table].map(({ server }) => server.close())).then(() =>
      process.exit(0),
    );
  };
  process.once('disconnect', stop).once('SIGTERM', stop);
  process.send?.({ blob: blob.port, queue: queue.port, table: table.port } satisfies AzuritePorts);
}

process.on('SIGINT', () => {});
process.once('message', (order: AzuriteOrder) => {
  main(order).catch((error: unknown) => {
    console.error(error);
    process.exit(1);
  });
});
