import { randomBytes } from 'node:crypto';

/** A field of a form: text, or a file. */
export type Part =
  | { name: string; text: string }
  | { name: string; filename: string; type: string; content: Uint8Array };

/** `multipart/form-data` of the parts, in their order. */
export function multipart(parts: readonly Part[]): { contentType: string; body: Buffer } {
  const boundary = `gatehouse-${randomBytes(16).toString('hex')}`;
  const pieces = parts.flatMap((part) => [
    Buffer.from(`--${boundary}\r\n${headersOf(part)}\r\n\r\n`),
    'text' in part ? Buffer.from(part.text) : part.content,
    Buffer.from('\r\n'),
  ]);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    body: Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]),
  };
}

function headersOf(part: Part): string {
  const disposition = `content-disposition: form-data; name="${quoted(part.name)}"`;
  return 'text' in part
    ? disposition
    : `${disposition}; filename="${quoted(part.filename)}"\r\ncontent-type: ${part.type}`;
}

/** As browsers write names in a form. */
const quoted = (text: string) => text.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
