import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { childArguments } from '../../../../shared/tools/code/childProcess.ts';
import type { ToChild } from '../../../../shared/tools/code/frames.ts';
import { defaultLimits } from '../../../../shared/tools/code/limits.ts';
import { bundleOf, contextOf, load, outcomeOf } from './setup.ts';

describe('what the code of a tool finds', () => {
  it('is the language, and of Node what only computes', async () => {
    const found = (await outcomeOf('return Reflect.ownKeys(globalThis).map(String)')) as string[];
    const language = [
      'Object Function Array Number parseFloat parseInt Infinity NaN undefined Boolean String Symbol Date Promise RegExp',
      'Error AggregateError EvalError RangeError ReferenceError SyntaxError TypeError URIError globalThis JSON Math Intl',
      'ArrayBuffer Uint8Array Int8Array Uint16Array Int16Array Uint32Array Int32Array BigUint64Array BigInt64Array',
      'Uint8ClampedArray Float16Array Float32Array Float64Array DataView Map BigInt Set Iterator WeakMap WeakSet Proxy',
      'Reflect FinalizationRegistry WeakRef decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape',
      'eval isFinite isNaN SuppressedError DisposableStack AsyncDisposableStack Symbol(Symbol.toStringTag)',
    ];
    const ofNode = [
      'global Buffer URL URLSearchParams TextEncoder TextDecoder AbortController AbortSignal Event EventTarget',
      'DOMException queueMicrotask structuredClone atob btoa crypto console performance',
      'setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate',
    ];
    expect(found.sort()).toEqual([...language, ...ofNode].join(' ').split(' ').sort());
  });

  it.each([
    'process',
    'require.main',
    'require.cache',
    'fetch',
    'WebSocket',
    'EventSource',
    'navigator',
    'WebAssembly',
    'SharedArrayBuffer',
    'MessageChannel',
    'module.constructor._load',
    'module.parent',
    'console._stdout',
    'console._stderrErrorHandler',
    'setTimeout(() => {}, 1)._idlePrev',
    'setTimeout(() => {}, 1).constructor._onTimeout',
    'crypto.constructor.process',
  ])('has no %s', async (path) => {
    const [first, ...rest] = path.split('.');
    const reach = rest.length > 0 ? path : `globalThis.${first}`;
    expect(await outcomeOf(`return typeof (${reach})`)).toBe('undefined');
  });

  it.each([
    ['fs', 'net', 'http', 'https', 'http2', 'tls', 'dgram', 'dns', 'child_process', 'worker_threads'],
    ['module', 'vm', 'inspector', 'process', 'os', 'v8', 'events', 'stream', 'string_decoder', 'assert'],
    ['async_hooks', 'timers', 'perf_hooks', 'wasi', 'cluster', 'repl', 'sqlite', './a.js', '/etc/passwd', ''],
  ])('cannot require %s, %s, %s and the like', async (...names) => {
    const body = `const got = [];
      for (const name of input.names) for (const full of [name, 'node:' + name, [name], { toString: () => name }])
        try { require(full); got.push(full) } catch (error) { if (!/not there for code tools/.test(error.message)) got.push(error.message) }
      return got;`;
    expect(await outcomeOf(body, { names })).toEqual([]);
  });

  it('may require what only computes', async () => {
    const body = `const { createHash, createHmac, randomBytes, randomUUID, timingSafeEqual, hash } = require('node:crypto');
      return {
        sha: createHash('sha256').update('a').update('b').digest('hex'),
        mac: createHmac('sha256', 'k').update('ab').digest('base64'),
        one: hash('sha256', 'ab'),
        sizes: [randomBytes(8).length, randomUUID().length, timingSafeEqual(randomBytes(2), Buffer.alloc(2))].slice(0, 2),
        path: require('path').join('a', '..', 'b'),
        query: require('querystring').stringify({ a: 'ö' }),
        url: new (require('url').URL)('https://a.example/b').pathname,
        text: require('util').format('%s %d', 'a', 1),
        bytes: require('buffer').Buffer.from('ab').toString('base64'),
        frozen: ['crypto', 'path', 'util', 'url'].every((name) => Object.isFrozen(require(name))),
      }`;
    const { createHash, createHmac } = await import('node:crypto');
    const sha = createHash('sha256').update('ab').digest('hex');
    expect(await outcomeOf(body)).toEqual({
      sha,
      one: sha,
      mac: createHmac('sha256', 'k').update('ab').digest('base64'),
      sizes: [8, 36],
      path: 'b',
      query: 'a=%C3%B6',
      url: '/b',
      text: 'a 1',
      bytes: 'YWI=',
      frozen: true,
    });
  });

  it.each([
    ["eval('1')", 'eval'],
    ["Function('return 1')()", 'Function'],
    ["(async () => {}).constructor('return 1')()", 'the constructor of async functions'],
    ["(function* () {}).constructor('return 1')()", 'the constructor of generators'],
    ["Buffer.constructor('return process')()", 'the constructor of what Node made'],
    ["ctx.fetch.constructor('return process')()", 'the constructor of what the boot script made'],
    [
      "setTimeout('globalThis.x = 1', 0), new Promise((r) => setTimeout(r, 20)).then(() => globalThis.x)",
      'text timers',
    ],
  ])('makes no code from text: %s', async (expression) => {
    await expect(outcomeOf(`return await (${expression})`)).rejects.toMatchObject({
      code: expect.stringMatching(/threw|crash/),
    });
  });

  it.each(['node:fs', 'node:net', 'node:process', 'data:text/javascript,export default 1', '/etc/passwd'])(
    'cannot import %s',
    async (name) => {
      expect(await outcomeOf(`return import('${name}').then(() => 'in', (error) => error.code)`)).toBe(
        'ERR_VM_DYNAMIC_IMPORT_CALLBACK_MISSING',
      );
    },
  );

  it('learns nothing from call sites and callers', async () => {
    const body = `const seen = [];
      try { Error.prepareStackTrace = (error, sites) => sites } catch { seen.push('fixed') }
      const sites = new Error().stack;
      seen.push(typeof sites);
      (function probe() { try { seen.push(String(probe.caller && probe.caller.name)) } catch { seen.push('denied') } })();
      return seen;`;
    expect(await outcomeOf(body)).toEqual(['fixed', 'string', 'denied']);
  });

  it('cannot change what the language is made of, but may shadow it', async () => {
    const body = `const denied = [];
      for (const [what, change] of Object.entries({
        prototype: () => { Object.prototype.polluted = 1 },
        json: () => { JSON.stringify = () => '{}' },
        map: () => { Map.prototype.get = function () { return this } },
        then: () => { Promise.prototype.then = function () { return this } },
        setter: () => Object.defineProperty(Object.prototype, 'handle', { set() {} }),
        chain: () => Object.setPrototypeOf(Function.prototype, { x: 1 }),
      })) try { change() } catch { denied.push(what) }
      class Own extends Error { constructor() { super('m'); this.name = 'Own'; this.message = 'n' } }
      const own = { toString: () => 'own' }; own.constructor = 1; own.valueOf = () => 2;
      return { denied, own: String(new Own()) + own }`;
    expect(await outcomeOf(body)).toEqual({
      denied: ['prototype', 'json', 'map', 'then', 'setter', 'chain'],
      own: 'Own: n2',
    });
  });

  it('keeps what it does to its own world to itself', async () => {
    const polluter = await load(
      bundleOf(
        'URL.prototype.polluted = 1; Buffer.prototype.toString = () => \'mine\'; globalThis.left = 1; return JSON.parse(\'{"__proto__":{"x":1}}\')',
      ),
    );
    const other = await load(
      bundleOf(
        "return [typeof URL.prototype.polluted, Buffer.from('a').toString(), typeof globalThis.left, typeof ({}).x]",
      ),
    );
    const result = await polluter.run({}, contextOf(), 5_000);
    expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
    expect(({} as { x?: unknown }).x).toBeUndefined();
    expect(await other.run({}, contextOf(), 5_000)).toEqual(['undefined', 'a', 'undefined', 'undefined']);
  });
});

const leakedModules =
  'fs fs/promises child_process worker_threads inspector net tls http https http2 dgram dns dns/promises module wasi';

/** Runs a body as a tool's, with what must not leak handed to it from before the boot script. */
async function withLeak(body: string): Promise<unknown> {
  const [boot = '', ...before] = childArguments(defaultLimits).reverse();
  const leak = `{
    const loaded = Object.fromEntries('${leakedModules}'.split(' ').map((name) => ['node:' + name, require(name)]));
    const socket = console._stdout && console._stdout.constructor;
    Buffer.leaked = { process, socket, fetch, WebSocket, require: (name) => loaded[name] };
  }`;
  const child = spawn(process.execPath, [...before.reverse(), leak + boot], {
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    env: {},
    cwd: '/',
  });
  try {
    const say = (frame: ToChild) => child.send(JSON.stringify(frame));
    const next = async () =>
      JSON.parse((await once(child, 'message'))[0]) as { kind: string; result?: string };
    say({
      kind: 'load',
      code: bundleOf(`const { process, require, fetch, WebSocket } = Buffer.leaked; ${body}`),
    });
    await next();
    say({
      kind: 'call',
      id: 1,
      input: {},
      facts: { tenantId: 't', idempotencyKey: 'k', askedAt: '', now: '' },
    });
    const said = await next();
    return said.kind === 'done' ? JSON.parse(said.result ?? '') : said;
  } finally {
    child.kill('SIGKILL');
  }
}

const tried = (expression: string) =>
  `try { return await (async () => ${expression})() ?? 'nothing' } catch (error) { return (error.cause ?? error).code ?? (error.cause ?? error).message }`;

describe('what a tool would find, had it got hold of Node', () => {
  const denied = /^(ERR_ACCESS_DENIED|this way is closed to code tools|ERR_DLOPEN_DISABLED)$/;

  it.each([
    "require('node:fs').readFileSync('/etc/passwd')",
    "require('node:fs').readdirSync('/')",
    "require('node:fs').writeFileSync('/tmp/written', '')",
    "require('node:fs/promises').readFile('/etc/passwd')",
    "require('node:child_process').spawnSync('id').pid",
    "require('node:child_process').execSync('id')",
    "new (require('node:worker_threads').Worker)('1', { eval: true })",
    "process.dlopen({ exports: {} }, '/x.node')",
    "process.binding('tcp_wrap')",
    "process._linkedBinding('tcp_wrap')",
    "process.getBuiltinModule('net')",
    'process.kill(process.ppid, 0)',
    'process._debugProcess(process.ppid)',
    'process.exit()',
    'process.reallyExit()',
    'process.abort()',
    "process.send('forged')",
    'process.disconnect()',
    "process.chdir('/tmp')",
    "require('node:inspector').open(0)",
    "new (require('node:inspector').Session)().connect()",
    "require('node:net').connect(9, '127.0.0.1')",
    "new (require('node:net').Socket)().connect(9, '127.0.0.1')",
    "require('node:net').createServer().listen(0)",
    "new (require('node:net').Server)().listen(0)",
    "require('node:tls').connect(9, '127.0.0.1')",
    "require('node:http').createServer().listen(0)",
    "require('node:http2').connect('http://127.0.0.1:9')",
    "require('node:dgram').createSocket('udp4')",
    "new (require('node:dgram').Socket)('udp4').send('x', 9, '127.0.0.1')",
    "require('node:dns').lookup('localhost', () => {})",
    "require('node:dns/promises').lookup('localhost')",
    "new (require('node:dns').Resolver)().resolve4('localhost', () => {})",
    "new (require('node:dns/promises').Resolver)().resolve4('localhost')",
    "require('node:module').createRequire('/x.js')",
    "require('node:wasi') && new (require('node:wasi').WASI)({ version: 'preview1', preopens: { '/': '/' } })",
  ])('%s is denied', async (expression) => {
    expect(await withLeak(tried(expression))).toMatch(denied);
  });

  it('finds an empty environment', async () => {
    expect(await withLeak('return [Object.keys(process.env), process.cwd(), process.argv.length]')).toEqual([
      [],
      '/',
      1,
    ]);
  });

  it('reaches no server, by whatever client', async () => {
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const clients = `[
      () => fetch('http://127.0.0.1:${port}'),
      () => new Promise((ok, no) => { const socket = new WebSocket('ws://127.0.0.1:${port}'); socket.onopen = ok; socket.onerror = (e) => no(e.error ?? new Error('error')); }),
      () => new Promise((ok, no) => require('node:http').get('http://127.0.0.1:${port}', ok).on('error', no)),
      () => new Promise((ok, no) => require('node:https').get('https://127.0.0.1:${port}', ok).on('error', no)),
      () => new Promise((ok, no) => new Buffer.leaked.socket({}).connect(${port}, '127.0.0.1', ok)),
    ]`;
    try {
      const body = `const said = []; for (const client of ${clients}) try { await client(); said.push('in') } catch { said.push('denied') } return said`;
      expect(await withLeak(body)).toEqual(['denied', 'denied', 'denied', 'denied', 'denied']);
      expect(connections).toBe(0);
    } finally {
      server.close();
    }
  });
});
