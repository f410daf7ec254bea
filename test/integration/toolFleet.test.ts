import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../local/storage/azurite.ts';
import { Publisher } from '../../local/tools/publisher.ts';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import { newKeyPair, readPrivateKey } from '../../shared/tools/manifest/signing.ts';
import { root } from '../support/process.ts';
import { entryOf } from '../support/publishedTools.ts';
import type { ToolOrder, ToolReport } from '../support/toolWorker.ts';

const processes = 3;
const pollMs = 1_500;
const inputSchema = { type: 'object', properties: { wait: { type: 'integer' } } };

/** A version says its number when it begins and when it ends: a call of two versions would say two. */
const codeOf = (version: number) => `
const begin = ${version};
module.exports = {
  name: 'echo', description: 'Does something', sideEffect: false,
  inputSchema: ${JSON.stringify(inputSchema)},
  async run({ wait }) {
    await new Promise((resolve) => setTimeout(resolve, wait));
    return begin + '-' + ${version};
  },
};`;

const children: ChildProcess[] = [];
let azurite: Azurite;

beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await azurite?.stop();
});

/** An instance under load, as its parent sees it. */
class Worker {
  readonly #child = fork(join(root, 'test/support/toolWorker.ts'), { execArgv: [] });
  readonly #heard = new Set<string>();
  readonly #report = Promise.withResolvers<ToolReport>();

  constructor(order: ToolOrder) {
    children.push(this.#child);
    this.#child.on('message', ({ heard, report }: { heard?: string; report?: ToolReport }) => {
      if (heard !== undefined) this.#heard.add(heard);
      if (report) this.#report.resolve(report);
    });
    this.#child.once('exit', () => this.#report.reject(new Error('the worker ended')));
    this.#child.send(order);
  }

  async hears(answer: string): Promise<void> {
    while (!this.#heard.has(answer)) {
      if (this.#child.exitCode !== null) throw new Error('the worker ended');
      await sleep(10);
    }
  }

  async stop(): Promise<ToolReport> {
    const exited = once(this.#child, 'exit');
    this.#child.send('stop');
    const report = await this.#report.promise;
    await exited;
    return report;
  }
}

describe('five publications and a rollback under load on three processes', () => {
  it('fail no call, mix no versions, and are live everywhere within two polls', {
    timeout: 120_000,
  }, async () => {
    const { connectionString } = azurite;
    const { privatePem, publicKey } = newKeyPair();
    const key = { keyId: 'main', privateKey: readPrivateKey(privatePem) };
    const publisher = new Publisher(await createAzureStores({ connectionString }), key, [], 'tester');
    const publish = (version: number) => {
      const bundle = Buffer.from(codeOf(version));
      const {
        version: _,
        publisher: __,
        publishedAt: ___,
        ...draft
      } = entryOf(codeOf(version), { inputSchema });
      const built = [{ name: 'echo', draft, bundle, inputs: [], examples: 0 }];
      return publisher.replace(built, [], { version: String(version), now: new Date() });
    };
    await publish(0);
    const workers = Array.from(
      { length: processes },
      (_, i) => new Worker({ connectionString, publicKey, instance: `i${i}`, pollMs, lanes: 6, pauseMs: 2 }),
    );
    const liveEverywhere = (version: number) =>
      Promise.all(workers.map((worker) => worker.hears(`${version}-${version}`)));
    await liveEverywhere(0);
    const tookMs: number[] = [];
    const timed = async (version: number, change: () => Promise<number>) => {
      await change();
      const began = performance.now();
      await liveEverywhere(version);
      tookMs.push(performance.now() - began);
    };
    for (let version = 1; version <= 5; version++) {
      await timed(version, () => publish(version));
      await sleep(1_000);
    }
    // Version 2 has been heard before: only its calls since then can tell that it is back.
    const { manifest: now } = await publisher.read();
    const past = await publisher.past((now?.sequence ?? 0) - 3);
    const sequence = await publisher.change(() => ({ tools: past.tools }), { now: new Date() });
    const { late } = await publisher.settled(sequence, 2 * pollMs + 500);
    await sleep(1_000);
    const reports = await Promise.all(workers.map((worker) => worker.stop()));

    const total = reports.reduce((sum, { calls }) => sum + calls, 0);
    const expected = [0, 1, 2, 3, 4, 5].map((version) => `${version}-${version}`);
    expect(reports.flatMap(({ failures }) => failures)).toEqual([]);
    for (const { answers } of reports) expect(Object.keys(answers).sort()).toEqual(expected);
    expect(late).toEqual([]);
    expect(Math.max(...tookMs)).toBeLessThan(2 * pollMs);
    expect(total).toBeGreaterThan(20_000);
    console.log(`${total} calls, live after ${tookMs.map((ms) => Math.round(ms)).join(', ')} ms`);
  });
});
