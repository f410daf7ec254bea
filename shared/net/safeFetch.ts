import { Agent } from 'node:https';
import { raceDeadline, timedOut } from '../deadline.ts';
import { type SpanHandle, traced } from '../telemetry/spans.ts';
import { checkedAddresses, lookupOnly, type Resolve, resolveBySystem } from './addressCheck.ts';
import { isPublicAddress } from './addresses.ts';
import { type Answer, exchange } from './exchange.ts';
import { readOutboundHeaders } from './outboundHeaders.ts';
import { hostOf, type Refusal, readOutboundUrl } from './outboundUrl.ts';

export interface OutboundRequest {
  url: string;
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** None that say how the message travels, as `host` or `content-length` do. */
  headers?: Readonly<Record<string, string>>;
  body?: string | Uint8Array;
  /** For everything together: finding the address, connecting, sending, reading. */
  deadlineMs: number;
  /** Bytes of the answer's body that are read; 64 KB unless given. The rest is dropped. */
  maxBytes?: number;
}

export type OutboundAnswer =
  /** A status came in time; so did the body, unless it says that it is truncated. Redirects are answers like others. */
  | ({ kind: 'answered' } & Answer)
  /** Nothing was sent. */
  | { kind: 'refused'; reason: Refusal }
  /** No answer came; what was sent may have been acted upon. `code` is Node's, as `ECONNRESET` or `ENOTFOUND`. */
  | { kind: 'failed'; cause: 'name' | 'connection' | 'timeout'; code?: string };

/** Makes one request to somebody else's server. Never throws. */
export type SafeFetch = (request: OutboundRequest) => Promise<OutboundAnswer>;

/** What a {@link SafeFetch} stands on; for tests, and for local work against this machine. */
export interface SafeFetchPorts {
  /** Which addresses may be connected to; those of the public internet unless given. */
  allow?: (address: string) => boolean;
  resolve?: Resolve;
  /** Certificates to trust instead of the usual ones, PEM. */
  ca?: string;
}

const defaultMaxBytes = 65_536;

/**
 * A client for addresses that others chose (a tenant's endpoint, a tool's URL). It talks https to public addresses only:
 * they are checked before the connection, and the connection goes to what was checked, so neither a name that leads
 * inside nor one that changes its mind gets anywhere. No redirects, no proxy of the environment, no cookies,
 * certificates always verified, every answer bounded in size and time.
 */
export function createSafeFetch(ports: SafeFetchPorts = {}): SafeFetch {
  const { allow = isPublicAddress, resolve = resolveBySystem, ca } = ports;
  // Connections are not kept: one that the other side closes while idle would fail a request that may not be repeated.
  const agent = new Agent({ keepAlive: false, ...(ca === undefined ? {} : { ca }) });
  const addressesOf = (url: URL) => checkedAddresses(hostOf(url), resolve, allow);
  return async (request) => {
    const url = readOutboundUrl(request.url);
    if (typeof url === 'string') return { kind: 'refused', reason: url };
    const headers = readOutboundHeaders(request.headers ?? {});
    if (!headers) return { kind: 'refused', reason: 'header' };
    const attributes = {
      'http.request.method': request.method,
      'server.address': hostOf(url),
      'server.port': Number(url.port || 443),
    };
    return traced(
      request.method,
      async (span) => note(span, await send(request, url, headers, agent, addressesOf)),
      { kind: 'client', attributes },
    );
  };
}

async function send(
  { method, body, deadlineMs, maxBytes = defaultMaxBytes }: OutboundRequest,
  url: URL,
  headers: Record<string, string>,
  agent: Agent,
  addressesOf: (url: URL) => Promise<readonly string[] | undefined>,
): Promise<OutboundAnswer> {
  const ended = new AbortController();
  const timer = setTimeout(() => ended.abort(), deadlineMs);
  let cause: 'name' | 'connection' = 'name';
  try {
    const addresses = await raceDeadline(addressesOf(url), deadlineMs);
    if (addresses === timedOut) return { kind: 'failed', cause: 'timeout' };
    if (!addresses) return { kind: 'refused', reason: 'address' };
    cause = 'connection';
    // Node does not say how long a GET's or a DELETE's body is, which then reads as the next request.
    const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    const options = {
      agent,
      method,
      headers: { ...headers, ...length, 'accept-encoding': 'identity' },
      lookup: lookupOnly(addresses),
      autoSelectFamily: true,
      // Said here, as the environment could say otherwise.
      rejectUnauthorized: true,
    };
    return { kind: 'answered', ...(await exchange(url, options, body, maxBytes, ended.signal)) };
  } catch (error) {
    if (ended.signal.aborted) return { kind: 'failed', cause: 'timeout' };
    const { code } = error as { code?: unknown };
    return { kind: 'failed', cause, ...(typeof code === 'string' ? { code } : {}) };
  } finally {
    clearTimeout(timer);
  }
}

function note(span: SpanHandle, answer: OutboundAnswer): OutboundAnswer {
  if (answer.kind === 'answered') {
    const { status } = answer;
    span.set({
      'http.response.status_code': status,
      'error.type': status >= 400 ? String(status) : undefined,
    });
  } else span.set({ 'error.type': answer.kind === 'refused' ? 'refused' : (answer.code ?? answer.cause) });
  return answer;
}
