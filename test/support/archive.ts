import { buffer } from 'node:stream/consumers';
import { gzipSync } from 'node:zlib';
import { type Header, pack } from 'tar-stream';

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
