import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';
import { ZipFile } from 'yazl';

type Entry = Partial<Header> & { name: string } & { content?: string | Uint8Array };

/** A tar.gz of entries as given, safe or not. */
export async function tarGz(entries: readonly Entry[]): Promise<Buffer> {
  const tar = pack();
  for (const { content = '', ...header } of entries)
    tar.entry(header as Header, Buffer.from(content as string));
  tar.finalize();
  return gzipSync(await buffer(tar));
}

/** A tar.gz of plain files. */
export function tree(files: Record<string, string | Uint8Array>): Promise<Buffer> {
  return tarGz(Object.entries(files).map(([name, content]) => ({ name, content })));
}

interface ZipOptions {
  mode?: number;
  stored?: boolean;
  zip64?: boolean;
}

/** A zip of plain files. */
export async function zip(
  files: Record<string, string | Uint8Array>,
  { mode = 0o100644, stored = false, zip64 = false }: ZipOptions = {},
): Promise<Buffer> {
  const archive = new ZipFile();
  for (const [name, content] of Object.entries(files))
    archive.addBuffer(Buffer.from(content as string), name, {
      compress: !stored,
      mode,
      forceZip64Format: zip64,
    });
  archive.end({ forceZip64Format: zip64, comment: '' });
  return buffer(archive.outputStream);
}

/** The zip with the records of its directory changed: `change` gets each, from its signature on, and its number. */
export function withDirectory(bytes: Buffer, change: (record: Buffer, n: number) => void): Buffer {
  const changed = Buffer.from(bytes);
  let n = 0;
  for (let at = changed.indexOf('PK\u0001\u0002'); at !== -1; at = changed.indexOf('PK\u0001\u0002', at + 4))
    change(changed.subarray(at), n++);
  return changed;
}

/** A multipart form; a part with a filename is a file. */
export function form(
  parts: readonly { name: string; filename?: string; type?: string; content: string | Uint8Array }[],
): { body: Buffer; type: string } {
  const boundary = 'x7b3f0c1';
  const pieces = parts.flatMap(({ name, filename, type, content }) => [
    Buffer.from(
      `--${boundary}\r\ncontent-disposition: form-data; name="${name}"${filename === undefined ? '' : `; filename="${filename}"`}\r\n${type === undefined ? '' : `content-type: ${type}\r\n`}\r\n`,
    ),
    Buffer.from(content as string),
    Buffer.from('\r\n'),
  ]);
  return {
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}
