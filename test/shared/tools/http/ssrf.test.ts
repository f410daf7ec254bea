import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../../../shared/net/addresses.ts';
import { createSafeFetch } from '../../../../shared/net/safeFetch.ts';
import { ToolError } from '../../../../shared/tools/tool.ts';
import { serve, testCertificate } from '../../../support/tlsServer.ts';
import { contextWith, define, toolOf } from './parts.ts';

const ca = testCertificate;
const local = createSafeFetch({ allow: (address) => address === '127.0.0.1', ca });

const orders = async () => {
  const server = await serve((response) => void response.end('{"state":"sent"}'));
  return { server, definition: define({ request: { url: `${server.base}/v1/orders/{id}/state` } }) };
};
const thrown = (run: Promise<unknown>) =>
  run.then(
    () => undefined,
    (error: unknown) => error,
  );

describe('a tool and the inside of a network', () => {
  it('reaches no address that is not public', async () => {
    const { server, definition } = await orders();
    const tool = toolOf(definition, createSafeFetch({ ca }));
    expect(await thrown(tool.run({ id: '7' }, contextWith().context, 1_000))).toMatchObject({
      message: 'the request was refused: address',
    });
    expect(server.connections()).toBe(0);
  });

  it.each([
    '127.0.0.1',
    '10.0.0.1',
    '169.254.169.254',
    '100.64.0.1',
    '0.0.0.0',
    '168.63.129.16',
    '::1',
    'fd00::1',
    'fe80::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '::ffff:168.63.129.16',
  ])('reaches nothing by a name that leads to %s, not even beside a public address', async (address) => {
    expect(isPublicAddress(address)).toBe(false);
    for (const addresses of [[address], ['93.184.215.14', address]]) {
      const fetch = createSafeFetch({ resolve: async () => addresses });
      const failure = await thrown(toolOf(define(), fetch).run({ id: '7' }, contextWith().context, 1_000));
      expect(failure).toMatchObject({ message: 'the request was refused: address' });
    }
  });

  it('connects to the address that was checked: a name is asked once', async () => {
    const { definition } = await orders();
    let asked = 0;
    const fetch = createSafeFetch({
      ca,
      allow: (address) => address === '127.0.0.1',
      resolve: async () => [asked++ === 0 ? '127.0.0.1' : '10.0.0.1'],
    });
    expect(await toolOf(definition, fetch).run({ id: '7' }, contextWith().context, 2_000)).toBe(
      'It is sent.',
    );
    expect(asked).toBe(1);
  });

  it('follows no redirect', async () => {
    const inside = await serve((response) => void response.end('{"state":"inside"}'));
    const server = await serve(
      (response) => void response.writeHead(302, { location: inside.base }).end('{"state":"moved"}'),
    );
    const tool = toolOf(define({ request: { url: `${server.base}/{id}` } }), local);
    expect(await thrown(tool.run({ id: '7' }, contextWith().context, 2_000))).toEqual(
      new ToolError('It cannot be looked up.'),
    );
    expect([server.received.length, inside.connections()]).toEqual([1, 0]);
  });

  it.each([
    '7?admin=1',
    '7#',
    '@evil.example',
    '7/../../admin',
    '..',
    '7\\..\\x',
    '7\r\nx: y',
    '7 HTTP/1.1',
    '//x',
  ])('the argument %j arrives as one segment or not at all', async (id) => {
    const { server, definition } = await orders();
    const failure = await thrown(toolOf(definition, local).run({ id }, contextWith().context, 2_000));
    const arrived = server.received.map(({ url }) => url);
    expect(arrived).toEqual(failure ? [] : [`/v1/orders/${encodeURIComponent(id)}/state`]);
    if (failure) expect(failure).toBeInstanceOf(ToolError);
    expect(failure !== undefined).toBe(id.includes('..'));
  });

  it.each(['a\r\nx-admin: 1', 'a\nb', 'a\0b', 'ü'])(
    'a secret with more than a header can hold is not sent: %j',
    async (secret) => {
      const { server } = await orders();
      const definition = define({
        request: { url: `${server.base}/{id}`, headers: { authorization: 'Bearer {secret:TOKEN}' } },
      });
      const { context, lines } = contextWith();
      const failure = await thrown(toolOf(definition, local, () => secret).run({ id: '7' }, context, 1_000));
      expect(failure).toMatchObject({ message: 'the request was refused: header' });
      expect(server.connections()).toBe(0);
      expect(JSON.stringify([failure, lines])).not.toContain('admin');
    },
  );

  it('reads 256 KB of an answer and takes no more for an answer', async () => {
    const answerOf = (length: number) => `{"state":"sent","x":"${'a'.repeat(length - 23)}"}`;
    const server = await serve((response, { url }) => void response.end(answerOf(Number(url.slice(1)))));
    const tool = toolOf(define({ request: { url: `${server.base}/{id}` } }), local);
    expect(await tool.run({ id: '262144' }, contextWith().context, 5_000)).toBe('It is sent.');
    expect(await thrown(tool.run({ id: '262145' }, contextWith().context, 5_000))).toBeInstanceOf(ToolError);
  });
});
