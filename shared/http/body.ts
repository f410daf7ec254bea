import type { HttpRequest } from '@azure/functions';
import { AppError } from '../errors.ts';

const megabytes = (bytes: number) => `${Math.round((bytes / (1024 * 1024)) * 10) / 10} MB`;

function tooLarge(limit: number): AppError {
  return new AppError(
    'payload-too-large',
    `The body is larger than ${megabytes(limit)}. Send less, or raise the limit setting.`,
  );
}

/** The length the client declared. @throws AppError `payload-too-large` where that is beyond `limit`. */
function declaredLength(request: HttpRequest, limit: number): number | undefined {
  const header = request.headers.get('content-length');
  const length = header === null ? undefined : Number(header);
  if (length !== undefined && length > limit) throw tooLarge(limit);
  return length;
}

/** The body's pieces as they arrive. @throws AppError `payload-too-large` as soon as `limit` bytes are exceeded. */
export async function* bodyPieces(request: HttpRequest, limit: number): AsyncGenerator<Uint8Array> {
  declaredLength(request, limit);
  if (!request.body) return;
  let size = 0;
  for await (const piece of request.body as AsyncIterable<Uint8Array>) {
    size += piece.length;
    if (size > limit) throw tooLarge(limit);
    yield piece;
  }
}

/** The whole body. A declared length is kept by HTTP itself, so only bodies without one are counted while they arrive. */
export async function readBytes(request: HttpRequest, limit: number): Promise<Buffer> {
  const framed = declaredLength(request, limit) !== undefined && !request.headers.has('transfer-encoding');
  if (framed) return Buffer.from(await request.arrayBuffer());
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
