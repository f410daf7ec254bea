import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FakeService, startFakeService } from './support/fakeService.ts';
import { folder } from './support/folders.ts';
import { nodes, runCommand } from './support/runCommand.ts';
import { failedResult, result } from './support/sampleResult.ts';

let service: FakeService;
let other: FakeService;
beforeAll(async () => {
  [service, other] = await Promise.all([startFakeService(), startFakeService()]);
});
afterAll(() => Promise.all([service.close(), other.close()]));

const cwd = folder({ 'a.ts': 'export const a = 1;\n', 'hld.md': '# Design\n' });
const audit = (args: readonly string[] = [], options: Parameters<typeof runCommand>[1] = {}) =>
  runCommand(['.', '--hld', 'hld.md', '--report', 'none', '--url', service.url, ...args], {
    cwd,
    ...options,
  });

const passed = { body: { ...result(), reports: {} } };
const busy = (seconds: string) => ({
  status: 429,
  headers: { 'retry-after': seconds },
  body: { title: 'Too many requests', code: 'quota-exceeded', retryable: true },
});

describe('a service that is not ready', () => {
  it('is asked again when it says so', async () => {
    service.answer(busy('0'), { status: 503, headers: { 'retry-after': '0' } }, passed);
    const { code, stdout } = await audit();
    expect([code, service.seen.length]).toEqual([0, 3]);
    expect(new Set(service.seen.map(({ body }) => body.toString('hex'))).size).toBe(1);
    expect(stdout).toContain('Too many requests (quota-exceeded): trying again in 1 s.');
  });

  it('is given up at once where the wait would outlast the timeout', async () => {
    service.answer(busy('60'));
    const { code, stderr } = await audit(['--timeout', '5s']);
    expect([code, service.seen.length]).toEqual([2, 1]);
    expect(stderr).toContain('Another try would come after the --timeout');
  });

  it('is given up at the timeout where it never is', async () => {
    service.answer({ status: 503 });
    const { code, stderr } = await audit(['--timeout', '2s']);
    expect([code, service.seen.length >= 2]).toEqual([2, true]);
    expect(stderr).toContain('HTTP 503');
  });

  it('is asked again after a cut connection, for a job then', async () => {
    service.answer({ cut: 'before' }, { ...passed, cut: 'within' }, passed);
    const { code, stdout } = await audit();
    expect([code, service.seen.map(({ headers }) => headers.prefer)]).toEqual([
      0,
      [undefined, 'respond-async', 'respond-async'],
    ]);
    expect(stdout).toContain('the connection was cut');
  });

  it('is asked again where a gateway before it gives up, and not where it failed itself', async () => {
    service.answer({ status: 504, body: '<html>' }, passed);
    expect((await audit()).code).toBe(0);
    service.answer({ status: 502, body: { title: 'The engine failed', retryable: true } }, passed);
    expect([(await audit()).code, service.seen.length]).toEqual([2, 1]);
  });

  it('is not waited for where nothing listens', async () => {
    const gone = await startFakeService();
    await gone.close();
    const refused = await runCommand(['--hld', 'hld.md', '--url', gone.url, '--timeout', '2s'], { cwd });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain('the connection was refused');
  });
});

describe('what is sent', () => {
  it('is a job where the tree is large', async () => {
    const noise = randomBytes(2_300_000).toString('base64');
    const large = folder({ 'a.ts': noise, 'hld.md': '# Design' });
    service.answer(passed);
    expect((await audit([], { cwd: large })).code).toBe(0);
    expect(service.seen[0]?.headers.prefer).toBe('respond-async');
  });

  it('need not be taken whole: a refusal that comes before its end is told', async () => {
    const refusing = createServer((_request, response) => {
      response.writeHead(413, { 'content-type': 'application/problem+json' });
      response.end(JSON.stringify({ title: 'The body is too large', detail: 'Send less.' }));
    });
    await new Promise<void>((resolve) => refusing.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(refusing.address() as AddressInfo).port}`;
    const large = folder({ 'a.ts': randomBytes(6_000_000).toString('base64'), 'hld.md': '# Design' });
    const { code, stderr } = await runCommand(['--hld', 'hld.md', '--url', url], { cwd: large });
    refusing.closeAllConnections();
    refusing.close();
    expect([code, stderr]).toEqual([2, 'gatehouse-audit: The body is too large: Send less.\n']);
  });

  it('is waited for no longer when somebody interrupts', async () => {
    service.answer({ after: 60_000 });
    const { code, stderr } = await audit([], {
      onStart: (child) => {
        const timer = setInterval(() => {
          if (service.seen.length === 0) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, 20);
      },
    });
    expect([code, stderr]).toEqual([2, 'gatehouse-audit: Interrupted.\n']);
  });
});

describe('a redirect', () => {
  it('is followed on the same host with the body', async () => {
    service.answer({ status: 308, headers: { location: '/api/audit?moved=1' } }, passed);
    expect((await audit()).code).toBe(0);
    expect(service.seen[1]?.body).toEqual(service.seen[0]?.body);
  });

  it.each([[307], [302]])('with %d to another host gets no key', async (status) => {
    other.answer(passed);
    service.answer({ status, headers: { location: `${other.url}/api/audit` } });
    const { code, stderr } = await audit();
    expect([code, other.seen.length]).toEqual([2, 0]);
    expect(stderr).toContain(`redirects to ${other.url}/api/audit. The key is not sent there`);
  });

  it('that goes round is left', async () => {
    service.answer({ status: 307, headers: { location: '/api/audit' } });
    expect((await audit()).code).toBe(2);
    expect(service.seen.length).toBeLessThan(6);
  });
});

describe('a job', () => {
  const state = (name: string, more: object = {}) => ({
    headers: { 'retry-after': '0', location: '/elsewhere/api/audit/aud_1' },
    body: {
      id: 'aud_1',
      state: name,
      progress: { stage: 'assessing', steps_done: 1, steps: 4, tokens: 1200, cost_usd: 0.01 },
      ...more,
    },
  });
  const accepted = { status: 202, ...state('queued') };

  it.each(nodes())('is watched until it is done, with $name', async ({ path }) => {
    if (path === undefined) return;
    service.answer(
      accepted,
      state('running'),
      busy('0'),
      { cut: 'before' },
      state('done', { result: failedResult(), reports: {} }),
    );
    const { code, stdout } = await audit(['--async'], { node: path });
    expect(code).toBe(1);
    expect(service.seen[0]?.headers.prefer).toBe('respond-async');
    expect(service.seen.slice(1).map(({ method, path }) => `${method} ${path}`)).toEqual(
      Array(4).fill('GET /api/audit/aud_1'),
    );
    expect(stdout).toContain('Upload');
    expect(stdout).toContain('waiting in the queue: 1 of 4, 1,200 tokens, $0.0100');
    expect(stdout).toContain('assessing: 1 of 4, 1,200 tokens, $0.0100');
  });

  it('that waits for a limit says until when', async () => {
    const waits = state('queued', { progress: null, waits_until: '2026-11-21T10:00:00.000Z' });
    service.answer(accepted, waits, state('done', { result: result(), reports: {} }));
    const { stdout } = await audit();
    expect(stdout).toContain('waiting for a limit until 2026-11-21T10:00:00.000Z\n');
  });

  it('is asked for the reports', async () => {
    service.answer(accepted, state('done', { result: result(), reports: { html: '<p>', junit: '<x/>' } }));
    const { code, stdout } = await runCommand(
      ['--hld', 'hld.md', '--url', `${service.url}/api/`, '--report', 'html=-'],
      { cwd },
    );
    expect([code, stdout]).toEqual([0, '<p>\n']);
    expect(service.seen.map(({ query }) => query.get('reports'))).toEqual(['html', 'html']);
  });

  it.each([
    [
      'failed',
      state('failed', { problem: { title: 'The engine failed', code: 'engine-failed' } }),
      'The engine failed (engine-failed)',
    ],
    ['failed without a word', state('failed'), 'did not say why'],
    ['was cancelled', state('canceled'), 'The audit was cancelled'],
    ['expired', { status: 404 }, 'does not know the audit any more'],
    ['is in no state', state('sleeping'), 'tells of no state'],
    ['is done without a result', state('done'), 'no audit result'],
    ['answers nothing', { body: '' }, 'That is no verdict'],
  ])('that %s is no verdict', async (_name, reply, said) => {
    service.answer(accepted, reply);
    const { code, stderr } = await audit();
    expect(code).toBe(2);
    expect(stderr).toContain(said);
  });

  it('that cannot be followed any more is cancelled', async () => {
    service.answer(accepted, (seen) => (seen.method === 'DELETE' ? { status: 204 } : busy('3600')));
    const { code, stderr } = await audit();
    expect([code, service.seen.map(({ method }) => method)]).toEqual([2, ['POST', 'GET', 'DELETE']]);
    expect(stderr).toContain('after the --timeout. The audit was cancelled.');
  });

  it('without an id is no verdict', async () => {
    service.answer({ status: 202, body: { state: 'queued' } });
    expect((await audit()).code).toBe(2);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('is cancelled once by %s', async (signal) => {
    service.answer(accepted, (seen) =>
      seen.method === 'DELETE' ? { status: 202, body: {} } : state('running'),
    );
    const { code, stderr } = await audit([], {
      onStart: (child) => {
        const timer = setInterval(() => {
          if (service.seen.length < 3) return;
          clearInterval(timer);
          child.kill(signal);
        }, 20);
      },
    });
    expect([code, stderr]).toEqual([2, 'gatehouse-audit: Interrupted. The audit was cancelled.\n']);
    expect(service.seen.filter(({ method }) => method === 'DELETE').map(({ path }) => path)).toEqual([
      '/api/audit/aud_1',
    ]);
  });

  it('is cancelled at the timeout, and a service that does not answer is not waited for', async () => {
    service.answer(accepted, (seen) => (seen.method === 'DELETE' ? { after: 60_000 } : state('running')));
    const { code, stderr } = await audit(['--timeout', '1s']);
    expect(code).toBe(2);
    expect(stderr).toContain('There was no verdict within 1 s (--timeout). The audit could not be cancelled');
  });
});
