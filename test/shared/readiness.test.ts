import { describe, expect, it } from 'vitest';
import { checkReadiness } from '../../shared/readiness.ts';
import { readSettings } from '../../shared/settings.ts';
import { createMemoryStores } from '../../shared/storage/memory/memoryStores.ts';
import { memoryLog } from '../support/http.ts';

const env = { AzureWebJobsStorage: 'UseDevelopmentStorage=true', VAPI_WEBHOOK_SECRET: 'long-enough' };

describe('checkReadiness', () => {
  it('is ready when settings and storage are', async () => {
    expect(
      await checkReadiness(readSettings(env), async () => createMemoryStores(), memoryLog().log),
    ).toEqual({
      status: 'ready',
      settings: [],
      storage: { blobs: 'ok', queues: 'ok', tables: 'ok' },
    });
  });

  it('lists every wrong setting', async () => {
    const config = readSettings({ VAPI_VOICE_ID: 'nobody', AZURE_OPENAI_ENDPOINT: 'x' });
    const { status, settings, storage } = await checkReadiness(
      config,
      async () => createMemoryStores(),
      memoryLog().log,
    );
    expect([status, settings.map((s) => s.setting)]).toEqual([
      'not-ready',
      ['AzureWebJobsStorage', 'VAPI_WEBHOOK_SECRET', 'VAPI_VOICE_ID', 'AZURE_OPENAI_ENDPOINT'],
    ]);
    expect(storage.blobs).toBe('not configured');
  });

  it('says which service fails or hangs', async () => {
    const stores = createMemoryStores();
    stores.tables.ping = async () => {
      throw new Error('down');
    };
    stores.queues.ping = () => new Promise(() => {});
    const { log, lines } = memoryLog();
    expect(await checkReadiness(readSettings(env), async () => stores, log)).toMatchObject({
      status: 'not-ready',
      storage: { blobs: 'ok', queues: 'unreachable', tables: 'unreachable' },
    });
    expect(lines.map((l) => l.event)).toEqual(['storage-unreachable']);
  });
});
