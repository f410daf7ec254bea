import { type AddressInfo, createServer } from 'node:net';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../local/storage/azurite.ts';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import { createMemoryStores } from '../../shared/storage/memory/memoryStores.ts';
import type { Stores } from '../../shared/storage/stores.ts';

interface Twin {
  stores: Stores;
  /** Takes all messages of a queue, decoded. */
  drain(queue: string): Promise<string[]>;
}

let azurite: Azurite;
const twins: Record<string, () => Promise<Twin>> = {
  async memory() {
    const stores = createMemoryStores();
    return { stores, drain: async (queue) => stores.queues.drain(queue) };
  },
  async azure() {
    azurite = await startAzurite();
    return {
      stores: await createAzureStores({ connectionString: azurite.connectionString }),
      async drain(queue) {
        const client = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(
          queue,
        );
        const { receivedMessageItems } = await client.receiveMessages({ numberOfMessages: 32 });
        return receivedMessageItems.map(({ messageText }) => Buffer.from(messageText, 'base64').toString());
      },
    };
  },
};

afterAll(() => azurite?.stop());

describe.each(Object.keys(twins))('%s stores', (name) => {
  let twin: Twin;
  beforeAll(async () => {
    twin = await (twins[name] as () => Promise<Twin>)();
  });

  it('answer a ping', async () => {
    await Promise.all([twin.stores.blobs.ping(), twin.stores.queues.ping(), twin.stores.tables.ping()]);
  });

  it('keep blobs as they were put, and forget the deleted', async () => {
    const { blobs } = twin.stores;
    expect(await blobs.get('things', 'a/b.bin')).toBeUndefined();
    await blobs.delete('things', 'a/b.bin');
    await blobs.put('things', 'a/b.bin', new Uint8Array([0, 1, 250]), 'application/octet-stream');
    expect([...((await blobs.get('things', 'a/b.bin')) ?? [])]).toEqual([0, 1, 250]);
    await blobs.put('things', 'a/b.bin', new Uint8Array(), 'text/plain');
    expect(await blobs.get('things', 'a/b.bin')).toHaveLength(0);
    await blobs.delete('things', 'a/b.bin');
    expect(await blobs.get('things', 'a/b.bin')).toBeUndefined();
  });

  it('queue messages in UTF-8, making the queue when it is not there', async () => {
    await twin.stores.queues.send('news', '{"grüß":"🚪"}');
    await twin.stores.queues.send('news', 'second');
    expect((await twin.drain('news')).sort()).toEqual(['second', '{"grüß":"🚪"}']);
  });

  it('merge and replace rows', async () => {
    const { tables } = twin.stores;
    const key = { partitionKey: 'p', rowKey: 'r' };
    expect(await tables.get('rows', 'p', 'r')).toBeUndefined();
    await tables.merge('rows', { ...key, a: 1, b: 'x', gone: undefined });
    await tables.merge('rows', { ...key, b: 'y', c: true });
    const { etag, ...merged } = (await tables.get('rows', 'p', 'r')) ?? { etag: '' };
    expect(merged).toEqual({ ...key, a: 1, b: 'y', c: true });
    await tables.replace('rows', { ...key, d: 1.5 });
    const replaced = await tables.get('rows', 'p', 'r');
    expect(replaced).toMatchObject({ ...key, d: 1.5 });
    expect(replaced).not.toHaveProperty('a');
    expect(replaced?.etag).not.toBe(etag);
  });

  it('delete rows, also those that are not there', async () => {
    const { tables } = twin.stores;
    await tables.replace('rows', { partitionKey: 'p', rowKey: 'short-lived' });
    await tables.delete('rows', 'p', 'short-lived');
    await tables.delete('rows', 'p', 'short-lived');
    expect(await tables.get('rows', 'p', 'short-lived')).toBeUndefined();
  });

  it('run transactions as a whole', async () => {
    const { tables } = twin.stores;
    const row = (rowKey: string, n: number) => ({ partitionKey: 't', rowKey, n });
    expect(
      await tables.transact('rows', [
        { kind: 'insert', entity: row('1', 1) },
        { kind: 'replace', entity: row('2', 2) },
      ]),
    ).toBe('done');
    expect(
      await tables.transact('rows', [
        { kind: 'merge', entity: row('2', 9) },
        { kind: 'insert', entity: row('1', 9) },
      ]),
    ).toBe('conflict');
    expect(await tables.get('rows', 't', '2')).toMatchObject({ n: 2 });
  });

  it('refuse a step for a version that is no longer there', async () => {
    const { tables } = twin.stores;
    const entity = { partitionKey: 'v', rowKey: '1', n: 1 };
    await tables.replace('rows', entity);
    const { etag = '' } = (await tables.get('rows', 'v', '1')) ?? {};
    expect(await tables.transact('rows', [{ kind: 'merge', entity: { ...entity, n: 2 }, etag }])).toBe(
      'done',
    );
    for (const kind of ['merge', 'replace'] as const) {
      expect(await tables.transact('rows', [{ kind, entity: { ...entity, n: 3 }, etag }])).toBe('conflict');
    }
    expect(await tables.get('rows', 'v', '1')).toMatchObject({ n: 2 });
  });

  it('list a partition by prefix, in key order', async () => {
    const { tables } = twin.stores;
    for (const rowKey of ['l|b', 'l|a', 'm|a', 'k|z'])
      await tables.replace('lists', { partitionKey: "o'p", rowKey });
    const keys = async (prefix?: string) =>
      (await Array.fromAsync(tables.list('lists', "o'p", prefix))).map((e) => e.rowKey);
    expect(await keys('l|')).toEqual(['l|a', 'l|b']);
    expect(await keys()).toEqual(['k|z', 'l|a', 'l|b', 'm|a']);
    expect(await Array.fromAsync(tables.list('none', 'p'))).toEqual([]);
  });
});

describe('azure stores without a service', () => {
  it('say that storage is unavailable and keep the reason to the log', async () => {
    const nowhere = await createAzureStores({
      connectionString:
        'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;BlobEndpoint=http://127.0.0.1:9/a;QueueEndpoint=http://127.0.0.1:9/a;TableEndpoint=http://127.0.0.1:9/a;',
    });
    const expected = {
      code: 'storage-unavailable',
      status: 503,
      retryAfter: 5,
      message: expect.not.stringContaining('127.0.0.1'),
    };
    await expect(nowhere.blobs.get('c', 'n')).rejects.toMatchObject(expected);
    await expect(nowhere.blobs.put('c', 'n', new Uint8Array(), 't')).rejects.toMatchObject(expected);
    await expect(nowhere.blobs.delete('c', 'n')).rejects.toMatchObject(expected);
    await expect(nowhere.queues.send('q', 't')).rejects.toMatchObject(expected);
    await expect(nowhere.tables.get('t', 'p', 'r')).rejects.toMatchObject(expected);
    await expect(nowhere.tables.merge('t', { partitionKey: 'p', rowKey: 'r' })).rejects.toMatchObject(
      expected,
    );
    await expect(nowhere.tables.delete('t', 'p', 'r')).rejects.toMatchObject(expected);
    await expect(
      nowhere.tables.transact('t', [{ kind: 'insert', entity: { partitionKey: 'p', rowKey: 'r' } }]),
    ).rejects.toMatchObject(expected);
    await expect(Array.fromAsync(nowhere.tables.list('t', 'p'))).rejects.toMatchObject(expected);
  });

  it('give up on one that accepts and never answers', async () => {
    const silent = createServer(() => {}).listen(0, '127.0.0.1');
    await new Promise((resolve) => silent.once('listening', resolve));
    const { port } = silent.address() as AddressInfo;
    const endpoints = ['Blob', 'Queue', 'Table']
      .map((name) => `${name}Endpoint=http://127.0.0.1:${port}/a;`)
      .join('');
    const stalled = await createAzureStores({
      connectionString: `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=a2V5;${endpoints}`,
    });
    const started = performance.now();
    const expected = { code: 'storage-unavailable' };
    await Promise.all([
      expect(stalled.blobs.put('c', 'n', new Uint8Array(), 't')).rejects.toMatchObject(expected),
      expect(stalled.queues.send('q', 't')).rejects.toMatchObject(expected),
      expect(stalled.tables.get('t', 'p', 'r')).rejects.toMatchObject(expected),
    ]);
    expect(performance.now() - started).toBeLessThan(15_000);
    silent.close();
  });

  it('with something that is no connection string are refused', async () => {
    await expect(createAzureStores({ connectionString: 'garbage' })).rejects.toMatchObject({
      code: 'misconfigured',
    });
  });

  it('with addresses and identity are made without asking anyone', async () => {
    const stores = await createAzureStores({
      blobUri: 'https://a.blob.core.windows.net',
      queueUri: 'https://a.queue.core.windows.net',
      tableUri: 'https://a.table.core.windows.net',
      clientId: '9d3c2b1a-0000-4000-8000-0000000000ff',
    });
    expect(Object.keys(stores).sort()).toEqual(['blobs', 'queues', 'tables']);
  });
});
