import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { tryJson } from '../../shared/tryJson.ts';
import { membersOf } from '../../shared/voice/messages/tolerant.ts';
import { type Received, startTlsServer } from '../support/tlsServer.ts';

/** An event as a business's own system has received it. */
export interface Heard {
  tenantId: string;
  type: string;
  data: Readonly<Record<string, unknown>>;
  body: string;
  /** How often it came, and how often that was acknowledged. */
  times: number;
  accepted: number;
}

export interface Crm {
  /** `https://crm.example:PORT`. */
  base: string;
  /** By `webhook-id`. */
  heard: ReadonlyMap<string, Heard>;
  /** What must never be seen. */
  faults: string[];
  requests(): number;
  /** Makes known which secrets sign for a tenant. */
  know(tenantId: string, secrets: readonly string[]): void;
  stop(): Promise<void>;
}

export interface CrmOptions {
  random: () => number;
  /** Milliseconds by which the clock of storage is ahead. */
  aheadMs: () => number;
}

const toleranceMs = 300_000;

/** The systems of all businesses: each event is verified, and one in twenty is refused or broken off the first time. */
export async function startCrm({ random, aheadMs }: CrmOptions): Promise<Crm> {
  const heard = new Map<string, Heard>();
  const secrets = new Map<string, readonly string[]>();
  const faults: string[] = [];
  let requests = 0;
  const server = await startTlsServer((response, request, { socket }) => {
    requests++;
    server.received.length = 0;
    const now = Date.now() + aheadMs();
    const event = take(request, heard, secrets, now, faults);
    if (event?.times === 1 && random() < 0.05)
      return refuse(event, random(), response, () => socket.destroy());
    if (event) event.accepted++;
    response.writeHead(204).end();
  });
  return {
    base: `https://crm.example:${server.port}`,
    heard,
    faults,
    requests: () => requests,
    know: (tenantId, known) => void secrets.set(tenantId, known),
    stop: () => server.stop(),
  };
}

function refuse({ times: _ }: Heard, part: number, response: ServerResponse, cut: () => void): void {
  if (part < 0.6) response.writeHead(503).end();
  else cut();
}

/** Notes an event. Undefined where it should not have been sent so. */
function take(
  { url, headers, body }: Received,
  heard: Map<string, Heard>,
  secrets: ReadonlyMap<string, readonly string[]>,
  now: number,
  faults: string[],
): Heard | undefined {
  const tenantId = url.split('/').at(-1) ?? '';
  const id = headers['webhook-id'] ?? '';
  if (!isSigned(headers, body, secrets.get(tenantId) ?? [], now)) {
    faults.push(`event ${id} for ${tenantId} is not signed as it should be`);
    return undefined;
  }
  const { type, data } = membersOf(tryJson(body));
  const known = heard.get(id);
  if (!known) {
    const event = { tenantId, type: String(type), data: membersOf(data), body, times: 1, accepted: 0 };
    heard.set(id, event);
    return event;
  }
  known.times++;
  if (known.body !== body) faults.push(`event ${id} came with another body`);
  if (known.tenantId !== tenantId) faults.push(`event ${id} came to ${known.tenantId} and ${tenantId}`);
  return known;
}

/** Signed by every secret, at about this time. The library itself would compare with a clock that is not ahead. */
function isSigned(
  headers: Readonly<Record<string, string>>,
  body: string,
  secrets: readonly string[],
  now: number,
): boolean {
  const at = new Date(Number(headers['webhook-timestamp']) * 1000);
  if (secrets.length === 0 || !(Math.abs(at.getTime() - now) < toleranceMs)) return false;
  const expected = secrets.map((secret) => new Webhook(secret).sign(headers['webhook-id'] ?? '', at, body));
  return headers['webhook-signature'] === expected.join(' ');
}
