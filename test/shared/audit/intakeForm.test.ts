import { gunzipSync } from 'node:zlib';
import { HttpRequest } from '@azure/functions';
import { describe, expect, it } from 'vitest';
import { MemoryRoom } from '../../../shared/audit/intake/memoryRoom.ts';
import { readAuditRequest } from '../../../shared/audit/intake/readAuditRequest.ts';
import { form, tree, zip } from '../../support/archive.ts';
import { auditSettings } from '../../support/audit.ts';

const limits = {
  maxBody: { bytes: 2 ** 22, setting: 'GATEHOUSE_MAX_BODY_MB' },
  maxJson: { bytes: 10_000, setting: 'GATEHOUSE_MAX_JSON_MB' },
};
const design = '# D\n- It must work.\n';
const source = { 'src/a.ts': 'export const a = 1;\n', 'docs/hld.md': design, 'base.json': '{"x":1}' };
const treePart = async () => ({ name: 'tree', filename: 'tree.tar.gz', content: await tree(source) });
const hldPart = { name: 'hld', filename: 'docs/hld.md', content: design };

type Parts = Parameters<typeof form>[0];

/** Sends a body in small pieces, as a slow client would. */
async function send(body: Buffer, type: string, query: Record<string, string> = {}, piece = 997) {
  const room = new MemoryRoom();
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < body.length; at += piece) controller.enqueue(body.subarray(at, at + piece));
      controller.close();
    },
  });
  const request = new HttpRequest({
    url: `http://localhost/api/audit?${new URLSearchParams(query)}`,
    method: 'POST',
    headers: { 'content-type': type },
    query,
    body: { bytes: new Uint8Array() },
  });
  Object.defineProperty(request, 'body', { value: stream });
  try {
    using held = await readAuditRequest(request, auditSettings(), limits, room);
    return { input: held.input, options: held.options };
  } finally {
    expect(room.held).toBe(0);
  }
}

function sendForm(parts: Parts, query: Record<string, string> = {}, piece?: number) {
  const { body, type } = form(parts);
  return send(body, type, query, piece);
}

describe('a form', () => {
  it.each([
    ['tar.gz', () => tree(source)],
    ['tar', async () => gunzipSync(await tree(source))],
    ['zip', () => zip(source)],
  ])('takes a tree as %s and the design apart', async (_, make) => {
    const { input } = await sendForm([{ name: 'tree', filename: 'x', content: await make() }, hldPart]);
    expect(input).toMatchObject({
      files: [
        { path: 'base.json', text: '{"x":1}' },
        { path: 'src/a.ts', text: 'export const a = 1;\n' },
      ],
      designs: [{ path: 'docs/hld.md', text: design }],
    });
  });

  it('takes several design files in their order, before or after the tree', async () => {
    const one = { name: 'hld', filename: 'b.md', content: '- One must be.\n' };
    const two = { name: 'hld', filename: 'a.md', content: '- Two must be.\n' };
    const { input } = await sendForm([one, await treePart(), two]);
    expect(input.designs).toEqual([
      { path: 'b.md', text: '- One must be.\n' },
      { path: 'a.md', text: '- Two must be.\n' },
    ]);
  });

  it('takes the design as a path in the tree, and as text', async () => {
    const named = await sendForm([{ name: 'hld', content: 'docs/hld.md' }, await treePart()]);
    expect(named.input.designs).toEqual([{ path: 'docs/hld.md', text: design }]);
    const asText = await sendForm([{ name: 'hld', content: '- It must work.\n' }, await treePart()]);
    expect(asText.input.designs).toEqual([{ path: 'design', text: '- It must work.\n' }]);
    const late = await sendForm([await treePart(), { name: 'hld', content: 'docs/hld.md' }]);
    expect(late.input).toEqual(named.input);
    const inQuery = await sendForm([await treePart()], { hld: 'docs/hld.md' });
    expect(inQuery.input.designs).toEqual(named.input.designs);
  });

  it('takes options as fields, the same as those of the query', async () => {
    const fields = {
      question: 'why?',
      project: 'shop',
      advice: 'true',
      failOn: 'high,medium:5',
      maxTokens: '9',
      maxCost: '0.5',
    };
    const parts = Object.entries(fields).map(([name, content]) => ({ name, content }));
    const byFields = await sendForm([await treePart(), hldPart, ...parts]);
    const byQuery = await sendForm([await treePart(), hldPart], fields);
    expect(byFields).toEqual(byQuery);
    expect(byFields.options).toEqual({
      project: 'shop',
      advice: true,
      failOn: 'high,medium:5',
      baseline: undefined,
      maxTokens: 9,
      maxCostMicroUsd: 500_000,
    });
  });

  it('takes a baseline as file, as text and as path', async () => {
    const [asFile, asText, asPath] = [
      await sendForm([
        await treePart(),
        hldPart,
        { name: 'baseline', type: 'application/json', content: '{"x":1}' },
      ]),
      await sendForm([{ name: 'baseline', content: '{"x":1}' }, await treePart(), hldPart]),
      await sendForm([{ name: 'baseline', content: 'base.json' }, await treePart(), hldPart]),
    ];
    expect([asFile, asText, asPath].map(({ options }) => options.baseline)).toEqual([
      '{"x":1}',
      '{"x":1}',
      '{"x":1}',
    ]);
    expect(asPath.input.files.map(({ path }) => path)).toEqual(['src/a.ts']);
  });

  it.each([
    ['/home/me/docs/hld.md', 'hld.md'],
    ['C:\\docs\\hld.md', 'hld.md'],
    ['../hld.md', 'hld.md'],
  ])('takes of the file name %s what says nothing of a disk', async (filename, path) => {
    const { input } = await sendForm([await treePart(), { ...hldPart, filename }]);
    expect(input.designs[0]?.path).toBe(path);
  });

  const refused: [string, () => Promise<Parts>, Record<string, string>, string, RegExp][] = [
    ['no tree', async () => [hldPart], {}, 'invalid-request', /no part "tree"/],
    ['no design', async () => [await treePart()], {}, 'invalid-request', /no part "hld"/],
    [
      'two trees',
      async () => [await treePart(), await treePart(), hldPart],
      {},
      'invalid-request',
      /two parts "tree"/,
    ],
    [
      'a tree that is a field',
      async () => [{ name: 'tree', content: 'x' }, hldPart],
      {},
      'invalid-request',
      /must be a file/,
    ],
    [
      'a tree that is no archive',
      async () => [{ name: 'tree', filename: 'x', content: 'x' }, hldPart],
      {},
      'unreadable-archive',
      /neither/,
    ],
    [
      'a mistyped option',
      async () => [await treePart(), hldPart, { name: 'fail_on', content: 'high' }],
      {},
      'invalid-request',
      /Did you mean "failOn"/,
    ],
    [
      'a path after the tree',
      async () => [await treePart(), { name: 'hld', content: 'src/a.ts' }],
      {},
      'invalid-request',
      /before the part "tree"/,
    ],
    [
      'globs after the tree',
      async () => [hldPart, await treePart(), { name: 'exclude', content: 'a' }],
      {},
      'invalid-request',
      /before the part "tree"/,
    ],
    [
      'a design in the query as well',
      async () => [hldPart, await treePart()],
      { hld: 'docs/hld.md' },
      'invalid-request',
      /differs/,
    ],
    [
      'an option given differently',
      async () => [hldPart, await treePart(), { name: 'failOn', content: 'low' }],
      { failOn: 'high' },
      'invalid-request',
      /"failOn" differs/,
    ],
    ['one design twice', async () => [hldPart, hldPart, await treePart()], {}, 'invalid-request', /twice/],
    [
      'a binary design',
      async () => [{ ...hldPart, content: Buffer.from([0, 1]) }, await treePart()],
      {},
      'invalid-request',
      /binary/,
    ],
    [
      'a huge design',
      async () => [{ ...hldPart, content: 'x'.repeat(2 ** 21 + 1) }, await treePart()],
      {},
      'invalid-request',
      /larger than/,
    ],
    [
      'a huge field',
      async () => [hldPart, { name: 'question', content: 'x'.repeat(1_100_000) }, await treePart()],
      {},
      'invalid-request',
      /longer than/,
    ],
    [
      'too many parts',
      async () => Array.from({ length: 101 }, (_, i) => ({ name: 'include', content: `${i}` })),
      {},
      'invalid-request',
      /more than 100 parts/,
    ],
    [
      'two baselines',
      async () => [
        { name: 'baseline', content: '{}' },
        { name: 'baseline', content: '{}' },
      ],
      {},
      'invalid-request',
      /more than once/,
    ],
  ];
  it.each(refused)('with %s is refused', async (_, parts, query, code, message) => {
    await expect(sendForm(await parts(), query)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('is read the same however it is cut into pieces', async () => {
    const parts = [hldPart, { name: 'question', content: 'why?' }, await treePart()];
    const whole = await sendForm(parts, {}, 1_000_000);
    for (const piece of [1, 2, 3, 64, 251]) expect(await sendForm(parts, {}, piece)).toEqual(whole);
  });

  it('that is cut short anywhere is refused, and leaves nothing waiting', async () => {
    const { body, type } = form([hldPart, await treePart(), { name: 'question', content: 'why?' }]);
    for (let length = 0; length < body.length - 4; length += 5)
      await expect(send(body.subarray(0, length), type)).rejects.toMatchObject({
        code: expect.stringMatching(/invalid-request|unreadable-archive/),
      });
  });

  it('that names no boundary is refused', async () => {
    await expect(send(Buffer.from('x'), 'multipart/form-data')).rejects.toMatchObject({
      code: 'invalid-request',
      message: expect.stringContaining('boundary'),
    });
  });

  it('larger than a body may be is refused', async () => {
    const content = Buffer.alloc(2 ** 22, 7);
    await expect(sendForm([hldPart, { name: 'tree', filename: 'x', content }])).rejects.toMatchObject({
      code: expect.stringMatching(/payload-too-large|unreadable-archive/),
    });
    await expect(
      sendForm([
        hldPart,
        { name: 'tree', filename: 'x.zip', content: Buffer.concat([Buffer.from('PK\u0003\u0004'), content]) },
      ]),
    ).rejects.toMatchObject({ code: 'payload-too-large' });
  });
});
