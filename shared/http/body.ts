import type { ReadableStreamDefaultReader } from 'node:stream/web';
import type { HttpRequest } from '@azure/functions';
import { AppError } from '../errors.ts';

/** How large a body may be, and the setting that says so. */
export interface BodyLimit {
  bytes: number;
  setting: string;
}

const megabytes = (bytes: number) => `${Math.round((bytes / (1024 * 1024)) * 10) / 10} MB`;

function tooLarge({ bytes, setting }: BodyLimit): AppError {
  return new AppError(
    'payload-too-large',
    `The body is larger than ${megabytes(bytes)}. Send less, or raise ${setting}.`,
  );
}

/** A client that hangs up in the middle is no failure of ours. */
function brokenOff(cause: unknown): never {
  throw new AppError('invalid-request', 'The body broke off before its end. Send it again.', { cause });
}

/** @throws AppError `payload-too-large` where the client itself declares more than the limit. */
function checkDeclared(request: HttpRequest, limit: BodyLimit): void {
  if (Number(request.headers.get('content-length') ?? 0) > limit.bytes) throw tooLarge(limit);
}

/** Reads and forgets, so that the connection under a refused upload can carry the next request. */
function drain(reader: ReadableStreamDefaultReader<Uint8Array>): void {
  const forget = async () => {
    while (!(await reader.read()).done);
  };
  forget().catch(() => {});
}

/** Reads and forgets, in the background, a body nobody has begun to read. */
export function forgetBody(request: HttpRequest): void {
  if (request.body && !request.bodyUsed)
    drain(request.body.getReader() as ReadableStreamDefaultReader<Uint8Array>);
}

/**
 * The body's pieces as they arrive. Whoever stops early leaves the rest to be read and forgotten in the background.
 * @throws AppError `payload-too-large` as soon as the limit is exceeded.
 */
export async function* bodyPieces(request: HttpRequest, limit: BodyLimit): AsyncGenerator<Uint8Array> {
  if (!request.body) return;
  const reader = request.body.getReader() as ReadableStreamDefaultReader<Uint8Array>;
  let ended = false;
  try {
    checkDeclared(request, limit);
    for (let size = 0; ; ) {
      const { done, value } = await reader.read().catch(brokenOff);
      ended = done;
      if (done) return;
      size += value.length;
      if (size > limit.bytes) throw tooLarge(limit);
      yield value;
    }
  } finally {
    if (!ended) drain(reader);
  }
}

/** The whole body. A declared length is kept by HTTP itself, so only bodies without one are counted while they arrive. */
export async function readBytes(request: HttpRequest, limit: BodyLimit): Promise<Buffer> {
  const declared = Number(request.headers.get('content-length') ?? Number.NaN);
  const framed = declared <= limit.bytes && !request.headers.has('transfer-encoding');
  if (framed) return Buffer.from(await request.arrayBuffer().catch(brokenOff));
  return Buffer.concat(await Array.fromAsync(bodyPieces(request, limit)));
}

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Bytes as JSON. @throws AppError `invalid-json`, which says where parsing stopped but repeats nothing of the body. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (error) {
    const position = /position (\d+)/.exec(String(error))?.[1];
    const where = position === undefined ? '' : ` Parsing stopped at character ${position}.`;
    throw new AppError('invalid-json', `The body must be JSON in UTF-8.${where}`);
  }
}
