import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { tarEnd, tarHeader, tarPadding } from '../../cli/archive/tarEntry.ts';
import { readOptions } from '../../cli/options/readOptions.ts';
import { makeSubmission } from '../../cli/service/auditQuery.ts';

interface Entry {
  path: string;
  content: Uint8Array;
}

const archiveOf = (entries: readonly Entry[]) =>
  Buffer.concat([
    ...entries.flatMap(({ path, content }) => [
      tarHeader(path, content.length),
      content,
      tarPadding(content.length),
    ]),
    tarEnd,
  ]);

async function readBack(archive: Uint8Array): Promise<Entry[]> {
  const entries = extract();
  entries.end(archive);
  const found: Entry[] = [];
  for await (const entry of entries) {
    expect(entry.header.type).toBe('file');
    const content = await buffer(entry as unknown as NodeJS.ReadableStream);
    found.push({ path: entry.header.name, content: new Uint8Array(content) });
  }
  return found;
}

const segment = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 120 })
  .map((text) => text.replaceAll(/[/\0]/g, '_'));
const ascii = fc
  .string({ unit: fc.constantFrom(...'abc./-= 0'), minLength: 1, maxLength: 300 })
  .map((text) => text.replace(/^\/+|\/+$/g, 'x'));
const path = fc.oneof(
  ascii,
  fc.array(segment, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/')),
);

describe('the tar writer', () => {
  it('writes what tar-stream reads back, whatever the names and contents', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ path, content: fc.uint8Array({ maxLength: 1100 }) }), { maxLength: 5 }),
        async (entries) => {
          const archive = archiveOf(entries);
          expect(archive.length % 512).toBe(0);
          expect(await readBack(archive)).toEqual(entries);
        },
      ),
      { numRuns: 300 },
    );
  });

  it.each([99, 100, 101, 155, 156, 255, 256, 257, 990, 1000, 1010])(
    'holds a path of %d characters',
    async (n) => {
      for (const made of ['a'.repeat(n), `${'b/'.repeat(n)}c`.slice(-n), `${'d'.repeat(n - 3)}/ef`]) {
        const entries = [{ path: made, content: new Uint8Array([1]) }];
        expect(await readBack(archiveOf(entries))).toEqual(entries);
      }
    },
  );

  it('refuses a size that no header holds', () => {
    expect(() => tarHeader('a', 8 * 2 ** 30)).toThrow(RangeError);
  });
});

describe('a form', () => {
  it('is read back by a parser as it was meant, whatever the texts', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme', minLength: 1 }).filter((text) => text.trim() !== ''),
        fc.uint8Array(),
        async (text, content) => {
          const line = readOptions(['.', `--question=${text.padEnd(2500, 'x')}`]);
          if (line.wants !== 'audit') throw new Error('no audit');
          const { contentType, body } = makeSubmission({
            options: line.options,
            archive: Buffer.from(content),
            designs: [{ where: 'outside', name: text, absolute: '/x', content: Buffer.from(content) }],
            baseline: undefined,
            reports: [],
          });
          const form = await new Response(new Uint8Array(body), {
            headers: { 'content-type': contentType },
          }).formData();
          expect(await (form.get('tree') as File).bytes()).toEqual(content);
          expect(await (form.get('hld') as File).bytes()).toEqual(content);
          const asked = String(form.get('question'));
          expect(asked.replaceAll('\r\n', '\n')).toBe(text.padEnd(2500, 'x').replaceAll(/\r\n?/g, '\n'));
        },
      ),
      { numRuns: 100 },
    );
  });
});
