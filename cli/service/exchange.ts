import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { codeOf } from '../failure.ts';

const mostAnswerBytes = 256 * 1024 * 1024;
const pieceBytes = 64 * 1024;

/** One request. */
export interface Ask {
  method: 'GET' | 'POST' | 'DELETE';
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: Buffer | undefined;
  /** Until the answer is there whole. */
  timeoutMs: number;
  /** Ends it; its reason is thrown. */
  signal: AbortSignal;
  /** Told of the bytes sent so far. */
  onSent?: ((bytes: number) => void) | undefined;
}

export interface Reply {
  status: number;
  headers: Headers;
  text: string;
}

/** No whole answer came: the connection could not be made, was cut, or took too long. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
  /** Of the system call or of TLS: `ECONNREFUSED`, `CERT_HAS_EXPIRED`. */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** Sends a request and reads the whole answer; redirects are answers. @throws NoAnswer */
export async function exchange(ask: Ask): Promise<Reply> {
  const timeout = AbortSignal.timeout(ask.timeoutMs);
  try {
    return await attempt(ask, AbortSignal.any([ask.signal, timeout]));
  } catch (error) {
    ask.signal.throwIfAborted();
    if (timeout.aborted)
      throw new NoAnswer('ETIMEDOUT', `no answer within ${Math.round(ask.timeoutMs / 1000)} s`);
    const code = codeOf(error) ?? 'UNKNOWN';
    throw error instanceof NoAnswer ? error : new NoAnswer(code, reasons[code] ?? messageOf(error, code));
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was cut',
  EPIPE: 'the connection was cut',
  ENOTFOUND: 'there is no such host',
  EAI_AGAIN: 'the name could not be looked up',
  ETIMEDOUT: 'the connection took too long',
};

const messageOf = (error: unknown, code: string) => (error instanceof Error && error.message) || code;

function attempt(ask: Ask, signal: AbortSignal): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const send = ask.url.protocol === 'https:' ? httpsRequest : httpRequest;
    const headers = ask.body ? { ...ask.headers, 'content-length': String(ask.body.length) } : ask.headers;
    const request = send(ask.url, { method: ask.method, headers, signal });
    let hasAnswer = false;
    request.once('response', (response) => {
      hasAnswer = true;
      readReply(response).then(resolve, reject);
    });
    // An answer that comes before all is sent, and the end of the connection after it, is still an answer.
    request.on('error', (error) => {
      if (!hasAnswer) reject(error);
    });
    sendBody(request, ask.body, ask.onSent).catch(reject);
  });
}

async function sendBody(
  request: ReturnType<typeof httpRequest>,
  body: Buffer | undefined,
  onSent: Ask['onSent'],
): Promise<void> {
  for (let at = 0; body && at < body.length && !request.destroyed; at += pieceBytes) {
    const isTaken = request.write(body.subarray(at, at + pieceBytes));
    if (!isTaken) await drained(request);
    onSent?.(Math.min(at + pieceBytes, body.length));
  }
  if (!request.destroyed) request.end();
}

/** Resolves when more can be written, and when nothing ever can. */
function drained(request: ReturnType<typeof httpRequest>): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      request.off('drain', done).off('close', done).off('error', done);
      resolve();
    };
    request.on('drain', done).on('close', done).on('error', done);
  });
}

async function readReply(response: IncomingMessage): Promise<Reply> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of response as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > mostAnswerBytes) throw new NoAnswer('ETOOLARGE', 'the answer is larger than 256 MB');
    pieces.push(piece);
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(response.headers))
    for (const one of [value ?? []].flat()) headers.append(name, one);
  return { status: response.statusCode ?? 0, headers, text: Buffer.concat(pieces).toString() };
}
