import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type App, startApp } from '../support/app.ts';
import { sampleMessage } from '../support/voice.ts';

const key = 'signing-secret';
let app: App;
beforeAll(async () => {
  app = await startApp({
    VAPI_WEBHOOK_SECRET: '',
    VAPI_WEBHOOK_CREDENTIALS: JSON.stringify([{ type: 'hmac', algorithm: 'sha256', secrets: [key] }]),
    VAPI_WEBHOOK_SOURCE_RANGES: '167.150.224.0/23',
    GATEHOUSE_MAX_JSON_MB: '1',
  });
});
afterAll(() => app?.stop());

function send(address: string, body: string): Promise<Response> {
  const timestamp = String(Date.now());
  const signature = createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex');
  const signed = { 'x-signature': signature, 'x-timestamp': timestamp };
  return app.post('/api/vapi/webhook', body, { ...signed, 'x-forwarded-for': address });
}

it('a body is read from within the source ranges only', async () => {
  const message = JSON.stringify({ message: sampleMessage('assistant-request') });
  expect((await send('167.150.225.213', message)).status).toBe(200);
  const large = JSON.stringify({ message: { type: 'x', text: 'x'.repeat(2_000_000) } });
  expect((await send('167.150.225.213', large)).status).toBe(413);
  const refused = await send('192.0.2.1', large);
  expect([refused.status, await refused.json()]).toMatchObject([
    401,
    { detail: 'Deliveries are not taken from this address.' },
  ]);
});
