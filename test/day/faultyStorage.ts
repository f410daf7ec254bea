import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import type { Azurite } from '../../local/storage/azurite.ts';
import type { QueueExchange } from './leases.ts';
import { type FaultKind, faultKinds, faultOf, type Service, type Weather } from './weather.ts';

const services: readonly Service[] = ['blob', 'queue', 'table'];

export interface FaultyStorageOptions {
  azurite: Azurite;
  /** Which instance of the app it stands before. */
  holder: string;
  random: () => number;
  weather: (service: Service) => Weather;
  /** Milliseconds by which storage, and all who tell time by it, are ahead. */
  aheadMs: () => number;
  heard: (exchange: QueueExchange) => void;
}

export interface FaultyStorage {
  connectionString: string;
  injected: Readonly<Record<FaultKind, number>>;
  requests(): number;
  stop(): Promise<void>;
}

/** A client gives up long before. */
const hangMs = 60_000;

interface Forwarded {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/**
 * The emulator as an unreliable network shows it: an HTTP proxy on 127.0.0.1 for blobs, queues and tables. Signatures
 * hold, as they cover path and headers, not host and port.
 */
export async function startFaultyStorage(options: FaultyStorageOptions): Promise<FaultyStorage> {
  const injected = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<FaultKind, number>;
  const agent = new Agent({ keepAlive: true, maxSockets: 64, timeout: 3_000 });
  let requests = 0;
  const open = async (service: Service) => {
    const server = createServer((incoming, outgoing) => {
      requests++;
      const fault = faultOf(options.weather(service), options.random());
      if (fault) injected[fault]++;
      pass(service, incoming, outgoing, fault, agent, options).catch(() => incoming.socket.destroy());
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    return server;
  };
  const servers = await Promise.all(services.map(open));
  let { connectionString } = options.azurite;
  for (const [i, service] of services.entries()) {
    const address = servers[i]?.address() as AddressInfo | undefined;
    connectionString = connectionString.replace(`:${options.azurite.ports[service]}/`, `:${address?.port}/`);
  }
  return {
    connectionString,
    injected,
    requests: () => requests,
    async stop() {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      agent.destroy();
    },
  };
}

async function pass(
  service: Service,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: FaultKind | undefined,
  agent: Agent,
  options: FaultyStorageOptions,
): Promise<void> {
  const body = await buffer(incoming);
  const { socket } = incoming;
  if (fault === '500' || fault === '503') return refuse(service, outgoing, fault);
  if (fault === 'reset-before') return void socket.destroy();
  if (fault === 'hang-before') return hang(socket);
  const answer = await forward(incoming, body, options.azurite.ports[service], agent);
  const isHeard = fault === undefined && !socket.destroyed;
  if (service === 'queue') hear(incoming, answer, isHeard, options);
  if (fault === 'reset-after') return void socket.destroy();
  if (fault === 'hang-after') return hang(socket);
  const date = new Date(Date.now() + options.aheadMs()).toUTCString();
  outgoing.writeHead(answer.status, { ...answer.headers, date }).end(answer.body);
}

function forward(
  { method, url, headers }: IncomingMessage,
  body: Buffer,
  port: number,
  agent: Agent,
): Promise<Forwarded> {
  return new Promise((resolve, reject) => {
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers, agent }, (response) => {
      buffer(response).then((read) => {
        const { 'transfer-encoding': _, connection: __, 'keep-alive': ___, ...kept } = response.headers;
        const length = method === 'HEAD' ? {} : { 'content-length': String(read.length) };
        resolve({ status: response.statusCode ?? 500, headers: { ...kept, ...length }, body: read });
      }, reject);
    });
    onward.once('error', reject);
    onward.end(body);
  });
}

/** Azure's error bodies: JSON of tables, XML of the others. */
function refuse(service: Service, outgoing: ServerResponse, fault: '500' | '503'): void {
  const code = fault === '500' ? 'InternalError' : 'ServerBusy';
  const message = fault === '500' ? 'Server encountered an internal error.' : 'The server is busy.';
  const isTable = service === 'table';
  const body = isTable
    ? JSON.stringify({ 'odata.error': { code, message: { lang: 'en-US', value: message } } })
    : `<?xml version="1.0" encoding="utf-8"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`;
  outgoing
    .writeHead(Number(fault), {
      'content-type': isTable ? 'application/json' : 'application/xml',
      'x-ms-error-code': code,
    })
    .end(body);
}

function hang(socket: IncomingMessage['socket']): void {
  const timer = setTimeout(() => socket.destroy(), hangMs);
  socket.once('close', () => clearTimeout(timer));
}

function hear(
  { method = '', url = '' }: IncomingMessage,
  { status, headers, body }: Forwarded,
  isHeard: boolean,
  { holder, heard }: FaultyStorageOptions,
): void {
  const popReceipt = headers['x-ms-popreceipt'];
  heard({
    method,
    url: new URL(url, 'http://storage'),
    status,
    popReceipt: typeof popReceipt === 'string' ? popReceipt : undefined,
    body: body.toString(),
    isHeard,
    holder,
  });
}
