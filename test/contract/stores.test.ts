import { type AddressInfo, createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../local/storage/azurite.ts';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import type { BlobCondition } from '../../shared/storage/blobStore.ts';
import { createMemoryStores } from '../../shared/storage/memory/memoryStores.ts';
import { longestDelayMs } from '../../shared/storage/queueStore.ts';
import type { Stores } from '../../shared/storage/stores.ts';
import type { KeyRange } from '../../shared/storage/tableStore.ts';

interface Twin {
  stores: Stores;
  /** Takes all messages of a queue, decoded. */
  drain(queue: string): Promise<string[]>;
  /** Lets so many milliseconds pass for the service. */
  pass(ms: number): Promise<void>;
}

let azurite: Azurite;
const twins: Record<string, () => Promise<Twin>> = {
  async memory() {
    let ahead = 0;
    const stores = createMemoryStores(() => Date.now() + ahead);
    return {
      stores,
      drain: async (queue) => stores.queues.drain(queue),
      async pass(ms) {
        ahead += ms;
      },
    };
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
      pass: (ms) => sleep(ms),
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

  it('read no more of a blob than is asked for', async () => {
    const { blobs } = twin.stores;
    await blobs.put('large', 'a', Buffer.from('abcdef'), 'text/plain');
    await blobs.put('large', 'empty', Buffer.of(), 'text/plain');
    const text = async (name: string, most?: number) =>
      Buffer.from((await blobs.get('large', name, most)) ?? Buffer.from('none')).toString();
    expect(await text('a', 3)).toBe('abc');
    expect(await text('a', 6)).toBe('abcdef');
    expect(await text('a', 7)).toBe('abcdef');
    expect(await text('empty', 3)).toBe('');
    expect(await text('nothing', 3)).toBe('none');
    const whole = await blobs.getVersion('large', 'a');
    const part = await blobs.getVersion('large', 'a', '"0x1"', 2);
    if (!whole || whole === 'unchanged' || !part || part === 'unchanged') throw new Error('it is there');
    expect(part).toEqual({ bytes: expect.anything(), etag: whole.etag });
    expect(Buffer.from(part.bytes).toString()).toBe('ab');
    expect(await blobs.getVersion('large', 'a', whole.etag, 2)).toBe('unchanged');
  });

  it('tell a blob that has changed from one that has not', async () => {
    const { blobs } = twin.stores;
    expect(await blobs.getVersion('versions', 'a')).toBeUndefined();
    expect(await blobs.getVersion('versions', 'a', '"0x1"')).toBeUndefined();
    await blobs.put('versions', 'a', Buffer.from('one'), 'text/plain');
    const first = await blobs.getVersion('versions', 'a');
    if (!first || first === 'unchanged') throw new Error('it is there');
    expect(Buffer.from(first.bytes).toString()).toBe('one');
    expect(await blobs.getVersion('versions', 'a', first.etag)).toBe('unchanged');
    await blobs.put('versions', 'a', Buffer.from('two'), 'text/plain');
    expect(await blobs.getVersion('versions', 'a', first.etag)).toMatchObject({
      etag: expect.not.stringContaining(first.etag),
    });
  });

  it('write a blob only where the condition holds', async () => {
    const { blobs } = twin.stores;
    const write = (text: string, condition: BlobCondition) =>
      blobs.putIf('conditional', 'a', Buffer.from(text), 'text/plain', condition);
    expect(await write('none', { etag: '"0x1"' })).toBeUndefined();
    const first = await write('one', 'new');
    expect(first).toEqual(expect.any(String));
    expect(await write('other', 'new')).toBeUndefined();
    const second = await write('two', { etag: first ?? '' });
    expect(await write('three', { etag: first ?? '' })).toBeUndefined();
    expect(await blobs.getVersion('conditional', 'a', second)).toBe('unchanged');
    expect(Buffer.from((await blobs.get('conditional', 'a')) ?? []).toString()).toBe('two');
    const both = await Promise.all(['x', 'y'].map((text) => write(text, { etag: second ?? '' })));
    expect(both.filter((etag) => etag !== undefined)).toHaveLength(1);
  });

  it('add to the end of a blob, from several hands', async () => {
    const { blobs } = twin.stores;
    const lines = Array.from({ length: 8 }, (_, i) => `line ${i}\n`);
    await blobs.append('journal', 'day/a.jsonl', Buffer.from('first\n'));
    await Promise.all(lines.map((line) => blobs.append('journal', 'day/a.jsonl', Buffer.from(line))));
    const text = Buffer.from((await blobs.get('journal', 'day/a.jsonl')) ?? []).toString();
    expect(text.split('\n').sort()).toEqual(['', 'first', ...lines.map((line) => line.trim())]);
    expect(text).toMatch(/^first\n/);
  });

  it('list blobs by the beginning of their names, in order', async () => {
    const { blobs } = twin.stores;
    expect(await Array.fromAsync(blobs.list('nowhere', 'a'))).toEqual([]);
    for (const name of ['b/2026-11-21T00:49:00.000Z,acme,1.json', 'b/1', 'a/1', 'bb'])
      await blobs.put('listed', name, new Uint8Array(), 'text/plain');
    expect(await Array.fromAsync(blobs.list('listed', 'b/'))).toEqual([
      'b/1',
      'b/2026-11-21T00:49:00.000Z,acme,1.json',
    ]);
  });

  it('lease a blob to one at a time, making it where there is none', async () => {
    const { blobs } = twin.stores;
    const takers = await Promise.all(Array.from({ length: 6 }, () => blobs.lease('leased', 'a.lock', 15)));
    const [mine = '', ...others] = takers.filter((lease) => lease !== undefined);
    expect([mine, others]).toEqual([expect.any(String), []]);
    expect(await blobs.get('leased', 'a.lock')).toHaveLength(0);
    expect(await blobs.lease('leased', 'b.lock', 15)).toEqual(expect.any(String));
    expect(await blobs.renew('leased', 'a.lock', mine)).toBe(true);
    for (const [name, lease] of [
      ['a.lock', '1f2e3d4c-0000-4000-8000-000000000000'],
      ['never.lock', mine],
    ] as const)
      expect(await blobs.renew('leased', name, lease)).toBe(false);
    for (const lease of [undefined, '1f2e3d4c-0000-4000-8000-000000000000'])
      await blobs.delete('leased', 'a.lock', lease);
    expect(await blobs.lease('leased', 'a.lock', 15)).toBeUndefined();
    await blobs.delete('leased', 'a.lock', mine);
    expect(await blobs.get('leased', 'a.lock')).toBeUndefined();
    expect(await blobs.renew('leased', 'a.lock', mine)).toBe(false);
    expect(await blobs.lease('leased', 'a.lock', 15)).toEqual(expect.any(String));
  });

  it('let a lease run out, after which its holder may still renew it while nobody else has', async () => {
    const { blobs } = twin.stores;
    const first = (await blobs.lease('leased', 'old.lock', 15)) ?? '';
    const second = (await blobs.lease('leased', 'lost.lock', 15)) ?? '';
    await twin.pass(15_500);
    expect(await blobs.renew('leased', 'old.lock', first)).toBe(true);
    expect(await blobs.lease('leased', 'old.lock', 15)).toBeUndefined();
    expect(await blobs.lease('leased', 'lost.lock', 15)).toEqual(expect.any(String));
    expect(await blobs.renew('leased', 'lost.lock', second)).toBe(false);
    await blobs.delete('leased', 'lost.lock', second);
    expect(await blobs.get('leased', 'lost.lock')).toHaveLength(0);
  }, 30_000);

  it('queue messages in UTF-8, making the queue when it is not there', async () => {
    await twin.stores.queues.send('news', '{"grüß":"🚪"}');
    await twin.stores.queues.send('news', 'second');
    expect((await twin.drain('news')).sort()).toEqual(['second', '{"grüß":"🚪"}']);
  });

  it('hide a delayed message until its time, up to seven days', async () => {
    const { queues } = twin.stores;
    await queues.send('later', 'now', { delayMs: 0 });
    await queues.send('later', 'soon', { delayMs: 1_001 });
    await queues.send('later', 'in a week', { delayMs: longestDelayMs });
    await queues.send('later', 'in a week at most', { delayMs: 10 * longestDelayMs });
    expect(await twin.drain('later')).toEqual(['now']);
    await twin.pass(1_050);
    expect(await twin.drain('later')).toEqual([]);
    await twin.pass(1_200);
    expect(await twin.drain('later')).toEqual(['soon']);
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

  it('write one row only as told, and give its new version', async () => {
    const { tables } = twin.stores;
    const key = { partitionKey: 'w', rowKey: '1' };
    const first = await tables.write('written', { kind: 'insert', entity: { ...key, a: 1, b: 1 } });
    expect(first).toBe((await tables.get('written', 'w', '1'))?.etag);
    expect(await tables.write('written', { kind: 'insert', entity: { ...key, a: 2 } })).toBeUndefined();
    const merge = { kind: 'merge', entity: { ...key, a: 3 }, ...(first ? { etag: first } : {}) } as const;
    const second = await tables.write('written', merge);
    expect(second).toEqual(expect.any(String));
    expect(second).not.toBe(first);
    expect(await tables.get('written', 'w', '1')).toMatchObject({ a: 3, b: 1, etag: second });
    expect(await tables.write('written', merge)).toBeUndefined();
    expect(await tables.write('written', { ...merge, kind: 'replace' })).toBeUndefined();
    const third = await tables.write('written', { kind: 'replace', entity: { ...key, c: 1 } });
    expect(third).toEqual(expect.any(String));
    expect(await tables.get('written', 'w', '1')).toEqual({ ...key, c: 1, etag: third });
    await tables.write('written', { kind: 'merge', entity: { ...key, rowKey: '2', a: 1 } });
    expect(await tables.get('written', 'w', '2')).toMatchObject({ a: 1 });
  });

  it('do not write over a row that is gone, or in a table that never was', async () => {
    const { tables } = twin.stores;
    const entity = { partitionKey: 'w', rowKey: 'gone', a: 1 };
    const etag = (await tables.write('written', { kind: 'insert', entity })) ?? '';
    await tables.delete('written', 'w', 'gone');
    for (const table of ['written', 'neverwritten']) {
      for (const kind of ['replace', 'merge'] as const)
        expect(await tables.write(table, { kind, entity, etag })).toBeUndefined();
    }
    expect(await tables.get('written', 'w', 'gone')).toBeUndefined();
  });

  it('delete a row only in the version that was named', async () => {
    const { tables } = twin.stores;
    const entity = { partitionKey: 'd', rowKey: '1', a: 1 };
    const first = await tables.write('deleted', { kind: 'insert', entity });
    const second = await tables.write('deleted', { kind: 'replace', entity: { ...entity, a: 2 } });
    await tables.delete('deleted', 'd', '1', first);
    expect(await tables.get('deleted', 'd', '1')).toMatchObject({ a: 2 });
    await tables.delete('deleted', 'd', '1', second);
    expect(await tables.get('deleted', 'd', '1')).toBeUndefined();
    await tables.delete('deleted', 'd', '1', second);
    await tables.delete('neverdeleted', 'd', '1', second);
  });

  it('keep numbers beyond 32 bits, times to the millisecond and all the rest as they were put', async () => {
    const { tables } = twin.stores;
    const properties = {
      most: 9_223_372_036_854_775_807n,
      least: -9_223_372_036_854_775_808n,
      zero: 0n,
      small: -2_147_483_648,
      half: 0.5,
      at: new Date('2026-11-21T01:02:03.004Z'),
      last: new Date('9999-12-31T00:00:00.000Z'),
      text: 'grüß 🚪',
      none: '',
      no: false,
    };
    const key = { partitionKey: 'types', rowKey: '1' };
    const etag = await tables.write('typed', { kind: 'insert', entity: { ...key, ...properties } });
    expect(await tables.get('typed', 'types', '1')).toEqual({ ...key, ...properties, etag });
    expect(await Array.fromAsync(tables.list('typed', 'types'))).toEqual([{ ...key, ...properties, etag }]);
  });

  it('list what lies before a time, in all partitions', async () => {
    const { tables } = twin.stores;
    const noon = Date.parse('2026-11-21T12:00:00.000Z');
    for (const [i, ms] of [-86_400_000, -1, 0, 1].entries()) {
      const entity = { partitionKey: `p${i % 2}`, rowKey: `${i}`, idleAt: new Date(noon + ms), n: BigInt(i) };
      await tables.write('timed', { kind: 'insert', entity });
    }
    await tables.write('timed', { kind: 'insert', entity: { partitionKey: 'p0', rowKey: 'timeless' } });
    const listed = (at: number) => Array.fromAsync(tables.listBefore('timed', 'idleAt', new Date(at)));
    expect((await listed(noon)).map(({ rowKey }) => rowKey).sort()).toEqual(['0', '1']);
    expect(await listed(noon - 86_400_000)).toEqual([]);
    const [row] = await listed(noon - 1);
    expect(row).toEqual({
      partitionKey: 'p0',
      rowKey: '0',
      idleAt: new Date(noon - 86_400_000),
      n: 0n,
      etag: expect.any(String),
    });
    expect(await Array.fromAsync(tables.listBefore('neverlisted', 'idleAt', new Date(noon)))).toEqual([]);
  });

  it('list the rows of one key, in all partitions', async () => {
    const { tables } = twin.stores;
    for (const [partitionKey, rowKey] of [
      ['k1', 'config'],
      ["k'2", 'config'],
      ['k1', 'configs'],
      ['config', 'k'],
    ] as const)
      await tables.write('keyed', { kind: 'insert', entity: { partitionKey, rowKey, n: 7n } });
    const listed = await Array.fromAsync(tables.listKey('keyed', 'config'));
    expect(listed.toSorted((a, b) => (a.partitionKey < b.partitionKey ? -1 : 1))).toEqual([
      { partitionKey: "k'2", rowKey: 'config', n: 7n, etag: expect.any(String) },
      { partitionKey: 'k1', rowKey: 'config', n: 7n, etag: expect.any(String) },
    ]);
    expect(await Array.fromAsync(tables.listKey('keyed', "co'nfig"))).toEqual([]);
    expect(await Array.fromAsync(tables.listKey('neverlisted', 'config'))).toEqual([]);
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

  it('list a part of a partition by row key, however many rows come at once', async () => {
    const { tables } = twin.stores;
    for (const rowKey of ['a|9', 't|1', 't|2', "t|2'", 't|3', 't|4', 'u|1'])
      await tables.replace('ranges', { partitionKey: 'p', rowKey });
    await tables.replace('ranges', { partitionKey: 'q', rowKey: 't|2' });
    const keys = async (prefix: string, range: KeyRange) =>
      (await Array.fromAsync(tables.list('ranges', 'p', prefix, range))).map((e) => e.rowKey);
    expect(await keys('t|', { from: 't|2' })).toEqual(['t|2', "t|2'", 't|3', 't|4']);
    expect(await keys('t|', { from: "t|2'", to: 't|4', atOnce: 1 })).toEqual(["t|2'", 't|3']);
    expect(await keys('t|', { to: 't|2' })).toEqual(['t|1']);
    expect(await keys('t|', { from: 'a|', to: 'z', atOnce: 2 })).toEqual([
      't|1',
      't|2',
      "t|2'",
      't|3',
      't|4',
    ]);
    expect(await keys('', { from: 't|4' })).toEqual(['t|4', 'u|1']);
    expect(await keys('t|', { from: 'u' })).toEqual([]);
    expect(await Array.fromAsync(tables.list('noranges', 'p', '', { from: 'a' }))).toEqual([]);
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
    await expect(nowhere.blobs.lease('c', 'n', 15)).rejects.toMatchObject(expected);
    await expect(nowhere.blobs.renew('c', 'n', 'x')).rejects.toMatchObject(expected);
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
    await expect(Array.fromAsync(nowhere.tables.listBefore('t', 'at', new Date()))).rejects.toMatchObject(
      expected,
    );
    await expect(Array.fromAsync(nowhere.tables.listKey('t', 'r'))).rejects.toMatchObject(expected);
    const entity = { partitionKey: 'p', rowKey: 'r' };
    await expect(nowhere.tables.write('t', { kind: 'replace', entity })).rejects.toMatchObject(expected);
    await expect(nowhere.tables.write('t', { kind: 'replace', entity, etag: 'x' })).rejects.toMatchObject(
      expected,
    );
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
