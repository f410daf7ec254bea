import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Azurite, startAzurite } from '../../local/storage/azurite.ts';
import { createAzureStores } from '../../shared/storage/azure/azureStores.ts';
import type { Stores } from '../../shared/storage/stores.ts';
import { Ledger, usageQueue } from '../../shared/usage/ledger/ledger.ts';
import { usageStatistics } from '../../shared/usage/ledger/statistics.ts';
import { rowsOf, type UsageRow } from '../../shared/usage/ledger/usageRow.ts';
import { entryOf, isCall, ledgerNow } from '../shared/usage/ledger/entries.ts';
import type { LedgerOrder } from '../support/ledgerWorker.ts';
import { root } from '../support/process.ts';

const processes = 4;
const records = 10_000;
const atOnce = 96;
/** Calls' reports are in the plans of the patient; the impatient have the queue take what takes longer than this. */
const patienceMs = [3_000, 25, 3_000, 15];
/** These are killed when so many of their entries are answered, and replaced. */
const killedAt = [600, 1_100];

const folder = mkdtempSync(join(tmpdir(), 'gatehouse-ledger-'));
const day = ledgerNow.toISOString().slice(0, 10);
const children = new Set<ChildProcess>();
let azurite: Azurite;
let stores: Stores;

beforeAll(async () => {
  azurite = await startAzurite();
  stores = await createAzureStores({ connectionString: azurite.connectionString });
});
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await azurite?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** What a process has begun, and what of it was answered. */
interface Journal {
  begun: Set<number>;
  answered: Set<number>;
}

function readJournal(instance: string): Journal {
  const lines = readFileSync(join(folder, instance), { encoding: 'utf8', flag: 'a+' }).trimEnd().split('\n');
  const of = (kind: string) =>
    new Set(lines.filter((line) => line.startsWith(kind)).map((line) => Number(line.slice(2))));
  return { begun: of('i '), answered: of('a ') };
}

/** Runs an instance to its end, or kills it when it has had so many answers. */
async function run(instance: string, k: number, ids: readonly number[], killAt?: number): Promise<Journal> {
  const child = fork(join(root, 'test/support/ledgerWorker.ts'), { execArgv: [] });
  children.add(child);
  const exited = once(child, 'exit');
  const order: LedgerOrder = {
    connectionString: azurite.connectionString,
    instance,
    patienceMs: patienceMs[k] ?? 0,
    journal: join(folder, instance),
    ids,
    atOnce,
  };
  child.send(order);
  if (killAt !== undefined) {
    while (child.exitCode === null && readJournal(instance).answered.size < killAt) await sleep(2);
    child.kill('SIGKILL');
  }
  const [code, signal] = await exited;
  children.delete(child);
  expect([code, signal], instance).toEqual(killAt === undefined ? [0, null] : [null, 'SIGKILL']);
  return readJournal(instance);
}

/** Kills and replaces it on the way; what was begun and not answered is begun again only where that is safe. */
async function runAll(k: number): Promise<Map<string, Journal>> {
  const ids = Array.from({ length: records / processes }, (_, i) => i * processes + k);
  const name = `i${k}`;
  const killAt = killedAt[k];
  const first = await run(name, k, ids, killAt);
  if (killAt === undefined) return new Map([[name, first]]);
  const left = ids.filter((id) => !first.begun.has(id) || (isCall(id) && !first.answered.has(id)));
  return new Map([
    [name, first],
    [`${name}b`, await run(`${name}b`, k, left)],
  ]);
}

/** What the queue's worker does: last first, and everything twice. Gives how many messages there were. */
async function drainQueue(): Promise<number> {
  const ledger = new Ledger({ stores, instance: 'worker', now: () => ledgerNow });
  const queue = QueueServiceClient.fromConnectionString(azurite.connectionString).getQueueClient(usageQueue);
  await queue.createIfNotExists();
  let seen = 0;
  for (;;) {
    const { receivedMessageItems: page } = await queue.receiveMessages({
      numberOfMessages: 32,
      visibilityTimeout: 60,
    });
    if (page.length === 0) return seen;
    seen += page.length;
    const rows = page.map(({ messageText }) => JSON.parse(Buffer.from(messageText, 'base64').toString()));
    for (const row of [...rows.reverse(), ...rows]) await ledger.apply(row);
    await Promise.all(page.map(({ messageId, popReceipt }) => queue.deleteMessage(messageId, popReceipt)));
  }
}

const costOf = (ids: readonly number[]) => ids.reduce((sum, id) => sum + (entryOf(id).amounts.cost ?? 0), 0);

/** All that the amounts of some of these can add up to, as `calls cost`. */
function sumsOf(ids: readonly number[]): Set<string> {
  const sums: [calls: number, cost: number][] = [[0, 0]];
  for (const id of ids) sums.push(...sums.map(([n, cost]): [number, number] => [n + 1, cost + costOf([id])]));
  return new Set(sums.map(([n, cost]) => `${n} ${cost}`));
}

/** Of each row that an instance has written: it is exactly what was answered, and some of what was not. */
function expectExact(rows: readonly UsageRow[], instance: string, { begun, answered }: Journal): void {
  const plain = [...begun].filter((id) => !isCall(id));
  const keyOf = (id: number) => `${entryOf(id).model} ${entryOf(id).caller}`;
  const keys = new Set(plain.map(keyOf));
  expect(keys.size).toBe(12);
  for (const key of keys) {
    const own = rows.filter(
      (row) => row.instance === `${instance}.0` && `${row.key.model} ${row.key.caller}` === key,
    );
    const ids = plain.filter((id) => keyOf(id) === key);
    const sure = ids.filter((id) => answered.has(id));
    const unsure = ids.filter((id) => !answered.has(id));
    expect(unsure.length).toBeLessThanOrEqual(16);
    const [calls, cost] = [own[0]?.totals.calls ?? 0, own[0]?.totals.cost ?? 0];
    expect(own.length, `${instance} ${key}`).toBeLessThanOrEqual(1);
    expect(sumsOf(unsure), `${instance} ${key}`).toContain(`${calls - sure.length} ${cost - costOf(sure)}`);
  }
}

describe('four processes, two of them killed on the way', () => {
  it('lose none of 10,000 entries that were answered, and the sum is exact to the micro-dollar', async () => {
    const journals = new Map((await Promise.all([0, 1, 2, 3].map(runAll))).flatMap((map) => [...map]));
    const spilled = await drainQueue();
    const rows = await Array.fromAsync(rowsOf(stores.tables, day));
    for (const [instance, journal] of journals) expectExact(rows, instance, journal);
    for (const name of ['i2', 'i3', 'i0b', 'i1b'])
      expect(journals.get(name)?.answered).toEqual(journals.get(name)?.begun);

    const { totals } = await usageStatistics(stores.tables, ledgerNow, 1, []);
    const all = Array.from({ length: records }, (_, id) => id);
    const answered = new Set([...journals.values()].flatMap((journal) => [...journal.answered]));
    const plain = all.filter((id) => !isCall(id));
    const lost = plain.filter((id) => !answered.has(id));
    expect(lost.length).toBeLessThanOrEqual(2 * atOnce);
    expect(totals.calls).toBeGreaterThanOrEqual(plain.length - lost.length);
    expect(totals.calls).toBeLessThanOrEqual(plain.length);
    expect(totals.cost_micro_usd).toBeGreaterThanOrEqual(costOf(plain) - costOf(lost));
    expect(totals.cost_micro_usd).toBeLessThanOrEqual(costOf(plain));

    // Calls are brought again after a kill, whatever had become of them, and each is there exactly once.
    const calls = all.filter(isCall);
    const micro = calls.reduce((sum, id) => sum + (entryOf(id).amounts.vapiCost ?? 0), 0);
    expect(calls).toHaveLength(records / 10);
    expect(calls.filter((id) => !answered.has(id))).toEqual([]);
    expect(totals).toMatchObject({ voice_calls: calls.length, vapi_cost: micro / 1e6 });
    expect(spilled).toBeGreaterThan(0);
  }, 60_000);
});

describe('reports of one call that come at the same moment', () => {
  it('are counted once, and none of them fails', async () => {
    const at = '2026-11-20';
    const ledgers = ['x', 'y'].map((instance) => new Ledger({ stores, instance, now: () => ledgerNow }));
    const calls = ['a', 'b', 'c'].flatMap((id) =>
      [...ledgers, ...ledgers].map((ledger) => ({ ledger, once: id })),
    );
    const outcomes = await Promise.all(
      calls.map(({ ledger, once: id }) =>
        ledger.record({ tenant: 't', amounts: { voiceCalls: 1 }, day: at, once: id }),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(3);
    expect(outcomes.filter((outcome) => outcome === 'repeated')).toHaveLength(9);
    const rows = await Array.fromAsync(rowsOf(stores.tables, at));
    expect(rows.reduce((sum, { totals }) => sum + totals.voiceCalls, 0)).toBe(3);
  });
});
