import { Readable, type Transform } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';
import type { AuditRequest } from '../auditRequest.ts';
import type { SourceFile } from '../sourceTree.ts';

/** Raise it when an audit's request changes its shape: one that was stored before is not read then. */
const formatVersion = 1;
const lineEnd = 0x0a;

/** The first line of the file; each further one is a source file. */
interface Head {
  formatVersion: number;
  request: Omit<AuditRequest, 'input'> & { input: Omit<AuditRequest['input'], 'files'> };
}

/** An audit's request as gzipped JSON lines, made a file at a time: a large tree is never one string. */
export async function packRequest({ input, ...rest }: AuditRequest): Promise<Uint8Array> {
  const { files, ...others } = input;
  function* lines(): Generator<string> {
    const head: Head = { formatVersion, request: { ...rest, input: others } };
    yield `${JSON.stringify(head)}\n`;
    for (const { path, text } of files) yield `${JSON.stringify([path, text])}\n`;
  }
  return Buffer.concat(await Array.fromAsync(through(Readable.from(lines()), createGzip({ level: 4 }))));
}

/**
 * The request again. `hold` is told how many bytes there are so far, before more of them are read.
 * @throws Error for what this version of the app did not write; what `hold` throws.
 */
export async function unpackRequest(
  packed: Uint8Array,
  hold: (bytes: number) => Promise<void> | undefined = () => undefined,
): Promise<AuditRequest> {
  const files: SourceFile[] = [];
  let head: Head | undefined;
  let bytes = packed.length;
  for await (const line of linesOf(through(Readable.from([packed]), createGunzip()))) {
    bytes += line.length;
    await hold(bytes);
    const value: unknown = JSON.parse(line);
    if (head) files.push(toFile(value as [string, string]));
    else head = value as Head;
  }
  if (head?.formatVersion !== formatVersion) throw new Error('the request was stored by another version');
  const { input, ...rest } = head.request;
  return { ...rest, input: { ...input, files } };
}

const toFile = ([path, text]: [string, string]): SourceFile => ({ path, text });

/** The source through a transform; an error of the source is one of the whole. */
function through(source: Readable, transform: Transform): AsyncIterable<Buffer> {
  source.once('error', (error) => transform.destroy(error));
  return source.pipe(transform);
}

/** Lines as JSON has them: no other character ends one. */
async function* linesOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let begun: Buffer[] = [];
  for await (const piece of pieces) {
    let from = 0;
    for (let end = piece.indexOf(lineEnd); end >= 0; end = piece.indexOf(lineEnd, from)) {
      yield Buffer.concat([...begun, piece.subarray(from, end)]).toString();
      begun = [];
      from = end + 1;
    }
    if (from < piece.length) begun.push(piece.subarray(from));
  }
  if (begun.length > 0) throw new Error('the request breaks off');
}
