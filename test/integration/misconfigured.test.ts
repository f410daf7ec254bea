import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type App, startApp } from '../support/app.ts';
import { sampleMessage } from '../support/voice.ts';

let app: App;
beforeAll(async () => {
  app = await startApp({
    VAPI_WEBHOOK_SECRET: ' ',
    GATEHOUSE_ALLOW_UNAUTHENTICATED: 'false',
    VAPI_VOICE_ID: 'australian_male',
  });
});
afterAll(() => app?.stop());

describe('an app with wrong voice settings', () => {
  it('answers the webhook 503 and names the settings', async () => {
    const response = await app.deliver(sampleMessage('assistant-request'));
    expect([response.status, await response.json()]).toMatchObject([
      503,
      { code: 'misconfigured', detail: expect.stringContaining('VAPI_WEBHOOK_SECRET, VAPI_VOICE_ID') },
    ]);
  });

  it('lists them, with what each needs, on /api/readyz', async () => {
    const response = await fetch(`${app.base}/api/readyz`);
    expect([response.status, await response.json()]).toMatchObject([
      503,
      {
        status: 'not-ready',
        settings: [
          { setting: 'VAPI_WEBHOOK_SECRET' },
          { setting: 'VAPI_VOICE_ID', problem: expect.stringContaining('such as asteria') },
        ],
      },
    ]);
  });

  it('is alive, and its other job goes on', async () => {
    expect((await fetch(`${app.base}/api/healthz`)).status).toBe(200);
    const body = JSON.stringify({
      files: { 'a.ts': 'export const gate = 1;' },
      hld: '- The gate must be closed.',
    });
    expect((await app.post('/api/audit', body, { 'content-type': 'application/json' })).status).toBe(200);
  });
});
