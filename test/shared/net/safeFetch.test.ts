import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createSafeFetch, type OutboundRequest } from '../../../shared/net/safeFetch.ts';
import { startMemoryTelemetry } from '../../support/telemetry.ts';
import { serve, testCertificate } from '../../support/tlsServer.ts';

const here = (address: string) => address === '127.0.0.1';
const ca = testCertificate;
const local = createSafeFetch({ allow: here, ca });
const get = (url: string, more: Partial<OutboundRequest> = {}): OutboundRequest => ({
  url,
  method: 'GET',
  deadlineMs: 5_000,
  ...more,
});

afterEach(() => {
  vi.unstubAllEnvs();
  vi.restoreAllMocks();
});

describe('an outbound request', () => {
  it('is sent as given, and its answer read', async () => {
    const server = await serve((response) => {
      response.writeHead(201, { 'x-a': 'b', 'set-cookie': ['c=1', 'd=2'] }).end('grüß 🚪');
    });
    const answer = await local({
      url: `${server.base}/a/b?c=d`,
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Own': 'yes' },
      body: '{"é":1}',
      deadlineMs: 5_000,
    });
    expect(answer).toMatchObject({ kind: 'answered', status: 201 });
    if (answer.kind !== 'answered') return;
    expect(answer.headers.get('x-a')).toBe('b');
    expect(answer.headers.getSetCookie()).toEqual(['c=1', 'd=2']);
    expect(answer.body).toEqual({ text: 'grüß 🚪', truncated: false });
    const [sent] = server.received;
    expect(sent).toMatchObject({ method: 'POST', url: '/a/b?c=d', body: '{"é":1}' });
    expect(sent?.headers).toEqual({
      host: `localhost:${server.port}`,
      connection: 'close',
      'content-type': 'application/json',
      'content-length': '8',
      'accept-encoding': 'identity',
      'x-own': 'yes',
    });
  });

  it.each(['GET', 'PUT', 'PATCH', 'DELETE'] as const)(
    '%s may have a body, and says how long it is',
    async (method) => {
      const server = await serve((response) => void response.end());
      expect(await local(get(server.base, { method, body: new Uint8Array([104, 105]) }))).toMatchObject({
        status: 200,
      });
      expect(await local(get(server.base, { method }))).toMatchObject({ status: 200 });
      expect(server.received.map(({ body }) => body)).toEqual(['hi', '']);
      expect(server.received[0]?.headers['content-length']).toBe('2');
    },
  );

  it('follows no redirect', async () => {
    const server = await serve((response) => {
      response.writeHead(307, { location: `${server.base}/elsewhere` }).end();
    });
    expect(await local(get(server.base))).toMatchObject({ kind: 'answered', status: 307 });
    expect(server.received).toHaveLength(1);
  });

  it('reads so much of the body and no more', async () => {
    let written = 0;
    const server = await serve((response) => {
      const more = () => {
        while (!response.destroyed && response.write('ü'.repeat(10_000))) written += 20_000;
        if (!response.destroyed) response.once('drain', more);
      };
      more();
    });
    const answer = await local(get(server.base, { maxBytes: 1_001 }));
    expect(answer).toMatchObject({ body: { text: 'ü'.repeat(500), truncated: true } });
    const standard = await local(get(server.base));
    expect(standard).toMatchObject({ body: { text: 'ü'.repeat(32_768), truncated: true } });
    expect(written).toBeLessThan(50_000_000);
  });

  it('reads a body of exactly the limit as a whole', async () => {
    const server = await serve((response) => void response.end('x'.repeat(1_000)));
    expect(await local(get(server.base, { maxBytes: 1_000 }))).toMatchObject({ body: { truncated: false } });
    expect(await local(get(server.base, { maxBytes: 999 }))).toMatchObject({
      body: { text: 'x'.repeat(999), truncated: true },
    });
  });

  it('keeps the status of an answer whose body stalls or breaks off', async () => {
    const stalls = await serve((response) => void response.writeHead(200).write('some'));
    expect(await local(get(stalls.base, { deadlineMs: 300 }))).toMatchObject({
      status: 200,
      body: { text: 'some', truncated: true },
    });
    const breaks = await serve((response) => {
      response.writeHead(200, { 'content-length': '100' }).write('some', () => response.destroy());
    });
    expect(await local(get(breaks.base))).toMatchObject({
      status: 200,
      body: { text: 'some', truncated: true },
    });
  });

  it('is given up at its deadline', async () => {
    const silent = await serve(() => {});
    const started = performance.now();
    expect(await local(get(silent.base, { deadlineMs: 200 }))).toEqual({ kind: 'failed', cause: 'timeout' });
    const lost = createSafeFetch({ resolve: () => new Promise(() => {}) });
    expect(await lost(get('https://crm.example', { deadlineMs: 200 }))).toEqual({
      kind: 'failed',
      cause: 'timeout',
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });

  it('says what failed by its code, without an address', async () => {
    const resets = await serve((_response, _request, raw) => void raw.socket.destroy());
    expect(await local(get(resets.base))).toEqual({
      kind: 'failed',
      cause: 'connection',
      code: 'ECONNRESET',
    });
    await resets.stop();
    expect(await local(get(resets.base))).toEqual({
      kind: 'failed',
      cause: 'connection',
      code: 'ECONNREFUSED',
    });
    const nameless = createSafeFetch({
      resolve: () => Promise.reject(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' })),
    });
    expect(await nameless(get('https://crm.example'))).toEqual({
      kind: 'failed',
      cause: 'name',
      code: 'ENOTFOUND',
    });
    const odd = createSafeFetch({ resolve: () => Promise.reject(new Error('secret')) });
    expect(await odd(get('https://crm.example'))).toEqual({ kind: 'failed', cause: 'name' });
  });

  it('keeps an answer that comes before all of the body was sent', async () => {
    const server = await serve(
      () => {},
      (raw, response) => {
        response.writeHead(413, { connection: 'close' }).end('too large', () => raw.socket.destroySoon());
      },
    );
    const body = new Uint8Array(20_000_000);
    const answer = await local(get(server.base, { method: 'PUT', body }));
    expect(answer).toMatchObject({ kind: 'answered', status: 413, body: { text: 'too large' } });
  });

  it('fails where the other side speaks no TLS', async () => {
    const plain = createServer((socket) => socket.end('HTTP/1.1 200 OK\r\n\r\n')).listen(0, '127.0.0.1');
    await new Promise((resolve) => plain.once('listening', resolve));
    const { port } = plain.address() as AddressInfo;
    expect(await local(get(`https://localhost:${port}`))).toMatchObject({
      kind: 'failed',
      cause: 'connection',
    });
    plain.close();
  });
});

describe('certificates', () => {
  it('are verified, whatever the environment says', async () => {
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    // Node warns of what the environment says. That it does not hold here is what is tested.
    vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
    const server = await serve((response) => void response.end());
    const strict = createSafeFetch({ allow: here });
    expect(await strict(get(server.base))).toMatchObject({ kind: 'failed', cause: 'connection' });
    expect(server.received).toEqual([]);
    expect(await local(get(server.base))).toMatchObject({ kind: 'answered' });
  });

  it('must be for the name that was asked for', async () => {
    const server = await serve((response) => void response.end());
    const elsewhere = createSafeFetch({ allow: here, ca, resolve: async () => ['127.0.0.1'] });
    expect(await elsewhere(get(`https://crm.example:${server.port}`))).toMatchObject({ kind: 'answered' });
    expect(await elsewhere(get(`https://other.example:${server.port}`))).toEqual({
      kind: 'failed',
      cause: 'connection',
      code: 'ERR_TLS_CERT_ALTNAME_INVALID',
    });
    expect(await local(get(`https://127.0.0.1:${server.port}`))).toMatchObject({ kind: 'answered' });
    expect(server.received.map(({ headers }) => headers.host)).toEqual([
      `crm.example:${server.port}`,
      `127.0.0.1:${server.port}`,
    ]);
  });
});

describe('a request that is refused', () => {
  const anywhere = createSafeFetch({
    resolve: () => Promise.reject(new Error('nothing was to be resolved')),
  });

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '0.0.0.0',
    '169.254.169.254',
    '168.63.129.16',
    '[::1]',
    '[::]',
    '[::ffff:7f00:1]',
    '[::ffff:127.0.0.1]',
    '[64:ff9b::a9fe:a9fe]',
    '[fd00::1]',
    '[fe80::1]',
    '0x7f.1',
    '0177.0.0.1',
    '127.1',
    '2130706433',
    '0xa9fea9fe',
    '①②⑦.0.0.1',
    '127.0.0.1.',
  ])('goes inside: %s', async (host) => {
    expect(await anywhere(get(`https://${host}/`))).toEqual({ kind: 'refused', reason: 'address' });
  });

  it.each([['10.0.0.1'], ['127.0.0.1'], ['8.8.8.8', '10.0.0.1'], ['2606:4700::1111', '::1'], []])(
    'goes to a name that leads inside: %s %s',
    async (...addresses) => {
      const led = createSafeFetch({ resolve: async () => addresses });
      expect(await led(get('https://crm.example'))).toEqual({ kind: 'refused', reason: 'address' });
    },
  );

  it('goes to this machine by name', async () => {
    const server = await serve((response) => void response.end());
    expect(await createSafeFetch({ ca })(get(server.base))).toEqual({ kind: 'refused', reason: 'address' });
    expect(server.connections()).toBe(0);
  });

  it('goes to a name that changes its mind: what was checked is what is connected to', async () => {
    const server = await serve((response) => void response.end('inside'));
    const answers = [['127.0.0.1'], ['127.0.0.2'], ['127.0.0.1', '127.0.0.2']];
    let asked = 0;
    const rebound = createSafeFetch({ allow: here, ca, resolve: async () => answers[asked++] ?? [] });
    const url = `https://crm.example:${server.port}`;
    expect(await rebound(get(url))).toMatchObject({ kind: 'answered' });
    expect(asked).toBe(1);
    expect(await rebound(get(url))).toEqual({ kind: 'refused', reason: 'address' });
    expect(await rebound(get(url))).toEqual({ kind: 'refused', reason: 'address' });
    expect(server.connections()).toBe(1);
  });

  it.each([
    ['http://crm.example', 'scheme'],
    ['ftp://crm.example', 'scheme'],
    ['file:///etc/passwd', 'scheme'],
    ['no url', 'url'],
    ['https://', 'url'],
    ['https://[fe80::1%25eth0]/', 'url'],
    ['https://user@crm.example', 'userinfo'],
    ['https://:secret@crm.example', 'userinfo'],
    ['https://crm.example:22', 'port'],
    ['https://crm.example:80', 'port'],
    ['https://crm.example:1023', 'port'],
  ])('has an address that is none for us: %s (%s)', async (url, reason) => {
    expect(await anywhere(get(url))).toEqual({ kind: 'refused', reason });
  });

  it.each(['https://crm.example:443', 'https://crm.example:8443', 'https://crm.example:1024'])(
    'is not one to %s',
    async (url) => {
      const nowhere = createSafeFetch({ resolve: () => Promise.reject(new Error('asked')) });
      expect(await nowhere(get(url))).toEqual({ kind: 'failed', cause: 'name' });
    },
  );

  it.each([
    { Host: 'inside' },
    { 'content-length': '0' },
    { 'Transfer-Encoding': 'chunked' },
    { connection: 'upgrade' },
    { 'proxy-authorization': 'x' },
    { 'x-a': 'b\r\nx-c: d' },
    { 'x-a': 'b\u0000' },
    { 'x-a': 'grüß' },
    { 'x a': 'b' },
    { '': 'b' },
    { 'X-A': '1', 'x-a': '2' },
  ])('has headers that are not its own to set: %j', async (headers) => {
    expect(
      await anywhere(get('https://crm.example', { headers: headers as Record<string, string> })),
    ).toEqual({
      kind: 'refused',
      reason: 'header',
    });
  });
});

it('is a client span that has the host and nothing of the path', async () => {
  const telemetry = startMemoryTelemetry();
  try {
    const server = await serve((response) => void response.writeHead(503).end());
    await local(get(`${server.base}/hooks/secret?key=secret`));
    await createSafeFetch()(get('https://127.0.0.1/secret'));
    const spans = telemetry.spans().map(({ name, attributes }) => ({ name, attributes }));
    expect(spans).toEqual([
      {
        name: 'GET',
        attributes: {
          'http.request.method': 'GET',
          'server.address': 'localhost',
          'server.port': server.port,
          'http.response.status_code': 503,
          'error.type': '503',
        },
      },
      {
        name: 'GET',
        attributes: {
          'http.request.method': 'GET',
          'server.address': '127.0.0.1',
          'server.port': 443,
          'error.type': 'refused',
        },
      },
    ]);
    expect(server.received[0]?.headers).not.toHaveProperty('traceparent');
  } finally {
    await telemetry.stop();
  }
});
