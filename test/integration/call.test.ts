import { Agent, request } from 'node:http';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallStore } from '../../shared/voice/calls/callStore.ts';
import { LeadStore } from '../../shared/voice/leads/leadStore.ts';
import { type App, eventually, secret, startApp } from '../support/app.ts';
import { runToEnd } from '../support/process.ts';
import { sampleMessage } from '../support/voice.ts';

let app: App;
let calls: CallStore;
beforeAll(async () => {
  app = await startApp();
  calls = new CallStore(app.stores);
});
afterAll(() => app?.stop());

function callWith(id: string) {
  return { call: { ...(sampleMessage('tool-calls').call as object), id } };
}

async function rowsOf(id: string) {
  const rows = await Array.fromAsync(calls.list('acme'));
  return rows.filter((row) => row.callId === id);
}

describe('one call, as Vapi plays it', () => {
  it('is answered by the receptionist of the business', async () => {
    const response = await app.deliver(sampleMessage('assistant-request'));
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({
      assistant: {
        metadata: { tenant_id: 'acme' },
        model: {
          tools: expect.arrayContaining([
            expect.objectContaining({ function: expect.objectContaining({ name: 'create_lead' }) }),
          ]),
        },
      },
    });
  });

  it('leaves a lead', async () => {
    const body = (await (await app.deliver(sampleMessage('tool-calls'))).json()) as {
      results: { result: string }[];
    };
    const { lead_id } = JSON.parse(body.results[0]?.result ?? '') as { lead_id: string };
    const leads = await Array.fromAsync(new LeadStore(app.stores.tables, () => '').list('acme'));
    expect(leads).toMatchObject([
      { leadId: lead_id, service: 'Blocked drains', suburb: 'Marrickville', callerNumber: '+61491570156' },
    ]);
  });

  it('ends with one row and its report', async () => {
    expect((await app.deliver(sampleMessage('end-of-call-report'))).status).toBe(200);
    const id = '0c8a6a52-6f1e-4f0e-9a61-5d2c7e3b9f01';
    const row = await eventually(() => calls.get('acme', id), 'the call row');
    expect(row).toMatchObject({ endedReason: 'customer-ended-call', durationSeconds: 38.01 });
    const report = await app.stores.blobs.get('calls', String(row.reportBlob));
    expect(JSON.parse(Buffer.from(report ?? []).toString())).toEqual({
      message: sampleMessage('end-of-call-report'),
    });
  });
});

describe('a report', () => {
  it('delivered twice, and three at a time, makes one row', async () => {
    for (let i = 0; i < 2; i++) await app.deliver(sampleMessage('end-of-call-report', callWith('twice')));
    const together = await Promise.all(
      Array.from({ length: 3 }, (_, i) =>
        app.deliver(sampleMessage('end-of-call-report', { ...callWith('thrice'), cost: i })),
      ),
    );
    expect(together.map((r) => r.status)).toEqual([200, 200, 200]);
    await eventually(async () => ((await inboxIsEmpty()) ? true : undefined), 'processing');
    expect(await rowsOf('twice')).toHaveLength(1);
    expect(await rowsOf('thrice')).toHaveLength(1);
  });

  it.each([
    ['300 KB', 300_000],
    ['2 MB', 2_000_000],
  ])('of %s passes', async (_, size) => {
    const id = `large-${size}`;
    const report = sampleMessage('end-of-call-report', {
      ...callWith(id),
      transcript: 'word '.repeat(size / 5),
    });
    expect((await app.deliver(report)).status).toBe(200);
    const row = await eventually(() => calls.get('acme', id), 'the call row');
    expect((await app.stores.blobs.get('calls', String(row.reportBlob)))?.length).toBeGreaterThan(size);
  });

  it('that is refused leaves its connection to the next', async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const send = (body: string, headers: Record<string, string | number>) =>
      new Promise<number | undefined>((resolve, reject) => {
        const outgoing = request(
          `${app.base}/api/vapi/webhook`,
          {
            agent,
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-vapi-secret': secret, ...headers },
          },
          (response) => response.resume().once('end', () => resolve(response.statusCode)),
        );
        outgoing.once('error', reject);
        if ('transfer-encoding' in headers)
          for (let at = 0; at < body.length; at += 500_000) outgoing.write(body.slice(at, at + 500_000));
        outgoing.end('transfer-encoding' in headers ? undefined : body);
      });
    const [large, small] = [
      ' '.repeat(9_000_000),
      JSON.stringify({ message: sampleMessage('status-update') }),
    ];
    for (const headers of [{ 'content-length': large.length }, { 'transfer-encoding': 'chunked' }]) {
      expect(await send(large, headers)).toBe(413);
      const started = performance.now();
      expect(await send(small, {})).toBe(200);
      expect(performance.now() - started).toBeLessThan(2_000);
    }
    agent.destroy();
  });

  it('larger than the limit is refused', async () => {
    const response = await app.deliver(
      sampleMessage('end-of-call-report', { transcript: 'x'.repeat(9_000_000) }),
    );
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([
      413,
      'payload-too-large',
    ]);
  });

  async function inboxIsEmpty(): Promise<boolean> {
    const queue = QueueServiceClient.fromConnectionString(app.azurite.connectionString).getQueueClient(
      'end-of-call',
    );
    return ((await queue.getProperties()).approximateMessagesCount ?? 0) === 0;
  }
});

describe('a poisoned message', () => {
  it('is tried five times and then kept in the poison queue', async () => {
    const service = QueueServiceClient.fromConnectionString(app.azurite.connectionString);
    const text = Buffer.from('{"not":"a ticket"}').toString('base64');
    await service.getQueueClient('end-of-call').sendMessage(text);
    const poison = service.getQueueClient('end-of-call-poison');
    const found = await eventually(async () => {
      if (!(await poison.exists())) return undefined;
      const { peekedMessageItems } = await poison.peekMessages();
      return peekedMessageItems[0];
    }, 'the poison message');
    expect(found.messageText).toBe(text);
    const failures = () => app.output().match(/"endOfCall" failed/g) ?? [];
    await eventually(async () => failures().length >= 5 || undefined, 'the fifth failure in the log');
    expect(failures()).toHaveLength(5);
  });

  it('is sent back by one command', async () => {
    const env = { AzureWebJobsStorage: app.azurite.connectionString };
    expect(await runToEnd('local/replay.ts', ['end-of-call'], env)).toMatchObject({
      code: 0,
      printed: expect.stringContaining('1 message of end-of-call-poison sent back to end-of-call'),
    });
    expect(await runToEnd('local/replay.ts', ['deliveries'], env)).toMatchObject({
      code: 0,
      printed: expect.stringContaining('0 messages'),
    });
    expect(await runToEnd('local/replay.ts', ['elsewhere'], env)).toMatchObject({ code: 1 });
    const failures = () => app.output().match(/"endOfCall" failed/g) ?? [];
    await eventually(async () => failures().length > 5 || undefined, 'another try');
  });
});

describe('the door', () => {
  it.each([
    ['no secret', {}, 401, 'unauthenticated'],
    ['an empty secret', { 'x-vapi-secret': '' }, 401, 'unauthenticated'],
    ['a wrong secret', { 'x-vapi-secret': 'guess' }, 401, 'unauthenticated'],
  ])('is closed for %s', async (_, headers, status, code) => {
    const response = await app.deliver(sampleMessage('assistant-request'), headers);
    expect(response.headers.get('content-type')).toBe('application/problem+json');
    expect([response.status, ((await response.json()) as { code: string }).code]).toEqual([status, code]);
  });

  it('says what is wrong with a body', async () => {
    const headers = {
      'content-type': 'application/json',
      'x-vapi-secret': 'open-sesame',
      'x-call-id': 'call-7',
    };
    const broken = await app.post('/api/vapi/webhook', '{"message":', headers);
    expect(broken.headers.get('x-correlation-id')).toBe('call-7');
    expect([broken.status, await broken.json()]).toMatchObject([
      400,
      { code: 'invalid-json', correlationId: 'call-7' },
    ]);
    const empty = await app.post('/api/vapi/webhook', '{}', headers);
    expect([empty.status, await empty.json()]).toMatchObject([400, { code: 'invalid-request' }]);
  });

  it('takes every other message', async () => {
    for (const type of ['status-update', 'hang', 'assistant.started', 'never-heard-of']) {
      expect((await app.deliver({ ...sampleMessage('status-update'), type })).status).toBe(200);
    }
  });
});

describe('the log', () => {
  it('has a line for each message, and nothing of what was said', () => {
    expect(app.output()).toMatch(
      /vapi-message .*type=tool-calls callId=0c8a6a52\S+ tenant=acme tools=\["create_lead"\] durationMs=/,
    );
    for (const planted of ['491570156', '255501234', 'Marrickville', 'Sam', 'open-sesame'])
      expect(app.output()).not.toContain(planted);
  });
});
