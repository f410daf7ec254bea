import { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { AppError } from '../../errors.ts';

/** A part of a multipart form: a field's text, or a file whose content must be read before the next part is asked for. */
export type FormPart =
  | { kind: 'field'; name: string; text: string }
  | { kind: 'file'; name: string; filename: string | undefined; content: AsyncIterable<Uint8Array> };

/** A tree, designs and options, with room to spare. */
const mostParts = 100;
const longestField = 1024 * 1024;

const howToSend =
  "Send curl -F tree=@tree.tar.gz -F hld=@docs/hld.md, or another client's multipart/form-data.";

function broken(cause: unknown): AppError {
  if (cause instanceof AppError) return cause;
  return new AppError('invalid-request', `The form is damaged or cut short. ${howToSend}`, { cause });
}

/**
 * The parts of a form as they stream in, in their order.
 * @throws AppError `invalid-request` for a form that is damaged, or has too many parts or too long fields.
 */
export async function* formParts(
  pieces: AsyncIterable<Uint8Array>,
  contentType: string,
): AsyncGenerator<FormPart> {
  const arrived: FormPart[] = [];
  const streams: Readable[] = [];
  let news = Promise.withResolvers<void>();
  let ended = false;
  let failure: AppError | undefined;
  const tell = () => {
    news.resolve();
    news = Promise.withResolvers<void>();
  };
  const fail = (error: unknown) => {
    failure ??= broken(error);
    for (const stream of streams) stream.destroy(failure);
    tell();
  };
  const form = createForm(contentType);
  form.on('file', (name, stream, filename) => {
    // Whoever reads it hears of its failure; a part that nobody reads must not end the process.
    stream.on('error', () => {});
    streams.push(stream);
    arrived.push({ kind: 'file', name, filename, content: readable(stream, () => failure) });
    tell();
  });
  form.on('field', (name, text, nameTruncated, textTruncated) => {
    if (nameTruncated || textTruncated)
      fail(
        new AppError(
          'invalid-request',
          `A form field is longer than ${longestField} characters. Send it as a file.`,
        ),
      );
    arrived.push({ kind: 'field', name, text });
    tell();
  });
  form.on('partsLimit', () =>
    fail(
      new AppError(
        'invalid-request',
        `The form has more than ${mostParts} parts. Send the tree as one archive.`,
      ),
    ),
  );
  form.once('finish', () => {
    ended = true;
    tell();
  });
  form.on('error', fail);
  const source = Readable.from(pieces);
  source.once('error', fail).pipe(form);
  try {
    for (;;) {
      if (failure) throw failure;
      const part = arrived.shift();
      if (part) yield part;
      else if (ended) return;
      else await news.promise;
    }
  } finally {
    source.unpipe(form);
    source.destroy();
  }
}

function createForm(contentType: string) {
  try {
    return new Busboy({
      headers: { 'content-type': contentType },
      preservePath: true,
      isPartAFile: (_name, type, filename) =>
        filename !== undefined || (type ?? 'text/plain') !== 'text/plain',
      limits: { parts: mostParts, fieldSize: longestField, headerPairs: 20, headerSize: 8 * 1024 },
    });
  } catch (cause) {
    throw new AppError('invalid-request', `The content type names no boundary. ${howToSend}`, { cause });
  }
}

async function* readable(stream: Readable, failure: () => AppError | undefined): AsyncGenerator<Uint8Array> {
  try {
    for await (const piece of stream) yield piece as Uint8Array;
  } catch (error) {
    throw failure() ?? broken(error);
  }
}
