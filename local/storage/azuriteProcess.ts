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
}
type Constructor<T> = new (...args: unknown[]) => T;

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

function load<T>(path: string): Constructor<T> {
  return (require(`azurite/dist/src/${path}`) as { default: Constructor<T> }).default;
}

/** Each service's constructor arguments are positional and undocumented, hence the exact pin of the package. */
const services = {
  blob(port: number, dir: string, memory: boolean) {
    const store = [{ locationId: 'Default', locationPath: join(dir, 'blob'), maxConcurrency: 50 }];
    const Configuration = load('blob/BlobConfiguration');
    return new (load<AzuriteServer>('blob/BlobServer'))(
      new Configuration(
        '127.0.0.1',
        port,
        5,
        join(dir, 'blob.json'),
        join(dir, 'blob-extents.json'),
        store,
        false,
        undefined,
        false,
        undefined,
        true,
        true,
        '',
        '',
        '',
        undefined,
        false,
        memory,
      ),
    );
  },
  queue(port: number, dir: string, memory: boolean) {
    const store = [{ locationId: 'Default', locationPath: join(dir, 'queue'), maxConcurrency: 50 }];
    const Configuration = load('queue/QueueConfiguration');
    return new (load<AzuriteServer>('queue/QueueServer'))(
      new Configuration(
        '127.0.0.1',
        port,
        5,
        join(dir, 'queue.json'),
        join(dir, 'queue-extents.json'),
        store,
        false,
        undefined,
        false,
        undefined,
        true,
        true,
        '',
        '',
        '',
        undefined,
        false,
        memory,
      ),
    );
  },
  table(port: number, dir: string, memory: boolean) {
    const Configuration = load('table/TableConfiguration');
    return new (load<AzuriteServer>('table/TableServer'))(
      new Configuration(
        '127.0.0.1',
        port,
        5,
        join(dir, 'table.json'),
        false,
        false,
        undefined,
        undefined,
        true,
        true,
        '',
        '',
        '',
        undefined,
        false,
        memory,
      ),
    );
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
