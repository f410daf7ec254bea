import type { ServerResponse } from 'node:http';
import { Webhook } from 'standardwebhooks';
import { afterEach, expect, it } from 'vitest';
import { createSafeFetch } from '../../../shared/net/safeFetch.ts';
import { createDeliveries, leadCreated, newSecret, secret, start } from '../../support/deliveries.ts';
import { startTlsServer, type TlsServer, testCertificate } from '../../support/tlsServer.ts';

type Turn = (response: ServerResponse) => void;
const answer =
  (status: number, headers = {}) =>
  (response: ServerResponse) =>
    void response.writeHead(status, headers).end('thank you');

let server: TlsServer;
afterEach(() => server.stop());

/** Deliveries to a server on this machine that answers in turns, the last one again and again. */
async function setup(...turns: [Turn, ...Turn[]]) {
  let turn = 0;
  server = await startTlsServer((response) => turns[Math.min(turn++, turns.length - 1)]?.(response));
  const local = createSafeFetch({ allow: (address) => address === '127.0.0.1', ca: testCertificate });
  return createDeliveries(
    (request) => local({ ...request, deadlineMs: Math.min(request.deadlineMs, 1_000) }),
    {
      url: `${server.base}/hooks/key?token=hidden`,
      secrets: [newSecret, secret],
    },
  );
}

it('a receiver verifies each try with the official library, by either secret', async () => {
  const d = await setup(answer(500), answer(200));
  d.clock.now = Date.now();
  await d.enqueue();
  await d.process();
  d.clock.now += 5_000;
  await d.process();
  expect(server.received).toHaveLength(2);
  for (const { method, url, headers, body } of server.received) {
    expect([method, url]).toEqual(['POST', '/hooks/key?token=hidden']);
    for (const held of [secret, newSecret]) {
      expect(new Webhook(held).verify(body, headers)).toEqual({
        type: 'lead.created',
        timestamp: '2026-11-20T23:59:58.000Z',
        data: leadCreated().data,
      });
    }
  }
  const [first, second] = server.received.map(({ headers }) => headers);
  expect(first?.['webhook-id']).toBe(second?.['webhook-id']);
  expect(first?.['webhook-signature']).not.toBe(second?.['webhook-signature']);
  expect(await d.row()).toMatchObject({ state: 'delivered', attempts: 2 });
});

it.each<[string, Turn, object, number]>([
  ['an error', answer(500), { lastStatus: 500, reason: 'status' }, 5],
  ['too many', answer(429, { 'retry-after': '90' }), { lastStatus: 429, reason: 'status' }, 90],
  ['a redirect', answer(302, { location: 'https://127.0.0.1:1/' }), { lastStatus: 302, reason: 'status' }, 5],
  ['silence', () => {}, { reason: 'failed-timeout' }, 5],
  ['a reset', (response) => void response.socket?.destroy(), { reason: 'failed-connection' }, 5],
])('%s is tried again, and then delivered', async (_name, turn, row, seconds) => {
  const d = await setup(turn, answer(200));
  await d.enqueue();
  await d.process();
  expect(await d.row()).toMatchObject({
    state: 'pending',
    ...row,
    nextAttemptAt: new Date(start + seconds * 1_000),
  });
  expect(await d.runToEnd()).toEqual([seconds]);
  expect(await d.row()).toMatchObject({ state: 'delivered', attempts: 2, lastStatus: 200 });
  expect(server.received).toHaveLength(2);
});

it('gone is gone', async () => {
  const d = await setup(answer(410));
  await d.enqueue();
  expect(await d.runToEnd()).toEqual([0]);
  expect(await d.row()).toMatchObject({ state: 'dead', lastStatus: 410, reason: 'gone' });
});

it('an endless answer is delivered by its status', async () => {
  const d = await setup((response) => {
    response.writeHead(200);
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(65_536)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  await d.enqueue();
  await d.process();
  expect(await d.row()).toMatchObject({ state: 'delivered', lastStatus: 200 });
});

it('an endpoint on the inside is never connected to', async () => {
  const d = await setup(answer(200));
  const fetch = createSafeFetch({ ca: testCertificate });
  await d.enqueue();
  Object.assign(d.deps, { fetch });
  await d.runToEnd();
  expect(server.connections()).toBe(0);
  expect(await d.row()).toMatchObject({ state: 'dead', attempts: 8, reason: 'refused-address' });
});
