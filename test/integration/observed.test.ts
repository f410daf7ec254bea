import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../local/storage/azurite.ts';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import { ServerClock } from '../../shared/storage/serverClock.ts';
import { startMemoryTelemetry } from '../support/telemetry.ts';

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.stop());

it('every request to storage is a client span that names no tenant, and shows the time', async () => {
  const telemetry = startMemoryTelemetry();
  const fiveSecondsSlow = () => Date.now() - 5_000;
  const clock = new ServerClock(fiveSecondsSlow);
  const observe = clock.observe.bind(clock);
  clock.observe = (date, sentAt, receivedAt) => observe(date, sentAt - 5_000, receivedAt - 5_000);
  try {
    const { blobs, queues, tables } = await createAzureStores(
      { connectionString: azurite.connectionString },
      clock,
    );
    await blobs.put('inbox', 'tenant-7/report.json', Buffer.from('{}'), 'application/json');
    await queues.send('things', 'hello');
    await tables.merge('leads', { partitionKey: 'tenant-7', rowKey: 'l' });
    const spans = telemetry.spans();
    const names = new Set(spans.map(({ name }) => name));
    expect([...names]).toEqual(
      expect.arrayContaining(['PUT /inbox', 'POST /things', 'PATCH /leads', 'POST /Tables']),
    );
    expect(JSON.stringify(spans.map(({ name, attributes }) => [name, attributes]))).not.toContain('tenant-7');
    const created = spans.find(
      ({ name, attributes }) => name === 'PUT /inbox' && attributes['http.response.status_code'] === 201,
    );
    expect(created?.attributes).toMatchObject({
      'http.request.method': 'PUT',
      'url.template': '/inbox',
      'server.address': '127.0.0.1',
      'az.service': 'blob',
    });
    expect(Math.abs(clock.now() - Date.now())).toBeLessThan(1_100);
  } finally {
    await telemetry.stop();
  }
});
