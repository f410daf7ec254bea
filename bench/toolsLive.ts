import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createToolSource } from '../functions/liveTools.ts';
import { Publisher } from '../local/tools/publisher.ts';
import type { Stores } from '../shared/storage/stores.ts';
import { ToolBlobs } from '../shared/tools/live/toolBlobs.ts';
import { newKeyPair, readPrivateKey, readPublicKey } from '../shared/tools/manifest/signing.ts';
import { ToolStatistics } from '../shared/tools/statistics.ts';
import { codeOf, entryOf, silent } from './toolsSamples.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

export interface LiveFigures {
  /** Milliseconds from a manifest in storage to the version in use, by an instance that looks at once. */
  toLiveMs: number[];
  /** Milliseconds of a look that finds nothing new. */
  unchangedMs: number[];
  /** Megabytes of heap and of the process that are held after the reloads and were not before them. */
  heapGrowthMb: number;
  rssGrowthMb: number;
}

/** Publishes a code tool again and again over real storage. What is loaded after a tenth of the reloads counts as before. */
export async function reloads(stores: Stores, times: number): Promise<LiveFigures> {
  const { privatePem, publicKey } = newKeyPair();
  const key = { keyId: 'bench', privateKey: readPrivateKey(privatePem) };
  const publisher = new Publisher(stores, key, [], 'bench');
  const keys = [{ keyId: 'bench', publicKey: readPublicKey(publicKey) }];
  const { source } = createToolSource({
    builtIns: [],
    config: { keys, isOn: true, pollMs: 3_600_000, deny: [] },
    env: {},
    stores,
    instance: 'bench',
    statistics: new ToolStatistics(),
    log: silent,
    now: () => new Date(),
  });
  if (!('refresh' in source)) throw new Error('nothing published would be taken');
  const live = source as typeof source & { refresh(): Promise<void> };
  const toLiveMs: number[] = [];
  let before = memory();
  for (let i = 1; i <= times; i++) {
    const bundle = Buffer.from(codeOf('hello', i));
    const { version: _, publisher: __, publishedAt: ___, ...draft } = entryOf('code', bundle);
    const sequence = await publisher.replace(
      [{ name: 'hello', draft, bundle, inputs: [], examples: 0 }],
      [],
      {
        version: String(i),
        now: new Date(),
      },
    );
    const began = performance.now();
    await live.refresh();
    if (source.current().sequence !== sequence) throw new Error(`sequence ${sequence} is not live`);
    toLiveMs.push(performance.now() - began);
    if (i === Math.ceil(times / 10)) before = await settled();
  }
  const after = await settled();
  const unchangedMs: number[] = [];
  const blobs = new ToolBlobs(stores.blobs);
  const found = await blobs.manifest();
  const etag = found && found !== 'unchanged' ? found.etag : '';
  for (let i = 0; i < 200; i++) {
    const began = performance.now();
    if ((await blobs.manifest(etag)) !== 'unchanged') throw new Error('the manifest has changed');
    unchangedMs.push(performance.now() - began);
  }
  const megabytes = (bytes: number) => bytes / 1_048_576;
  return {
    toLiveMs,
    unchangedMs,
    heapGrowthMb: megabytes(after.heapUsed - before.heapUsed),
    rssGrowthMb: megabytes(after.rss - before.rss),
  };
}

/** Memory once old versions are gone: they wait a second for late calls. */
async function settled(): Promise<NodeJS.MemoryUsage> {
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  return memory();
}

function memory(): NodeJS.MemoryUsage {
  for (let i = 0; i < 4; i++) collect();
  return process.memoryUsage();
}
