import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { deleteBefore } from '../../storage/deleteBefore.ts';
import type { TableStore } from '../../storage/tableStore.ts';
import { type ToolContext, ToolError } from '../tool.ts';

const table = 'toolruns';
/** How often another delivery's run is looked at. */
const lookMs = 150;
/** A run that began before that has ended, with its instance if not by itself. */
const longestRunMs = 30_000;
/** Left of the deadline for telling the caller. */
const reserveMs = 200;
/** Nothing is begun that has less time than this. */
const leastMs = 100;
/** A row holds 32 K characters; a longer answer is not repeated, and a repeat is told so. */
const longestKept = 30_000;

const unknownOutcome = new ToolError(
  'It is not known whether this was done. Do not say that it was: say that it will be confirmed.',
);
const notBegun = new ToolError('There was no time left for this, and it was not done. Offer another way.');
const underWay = new ToolError('This is still being done. Say that it takes a moment.');

type Outcome = { result: unknown } | { refusal: string } | { failed: true };

/**
 * Runs what has effects once for each idempotency key, also where deliveries of one request reach several instances at
 * the same time: whoever comes second gets the answer of the first. What failed is not tried again under the same key,
 * as nobody can say how far it came.
 */
export class OnceOnly {
  readonly #tables: TableStore;

  constructor(tables: TableStore) {
    this.#tables = tables;
  }

  /** @throws ToolError where another run ended so, or its end is not known. */
  async run<T>(
    name: string,
    { tenantId, idempotencyKey, now }: ToolContext,
    deadlineMs: number,
    work: (leftMs: number) => Promise<T>,
  ): Promise<T> {
    const deadline = performance.now() + deadlineMs;
    const end = deadline - reserveMs;
    const key = { partitionKey: tenantId, rowKey: rowKeyOf(name, idempotencyKey) };
    const row = { ...key, startedAt: now, tool: name };
    const etag = await this.#tables.write(table, { kind: 'insert', entity: row });
    if (etag === undefined) return (await this.#outcomeOf(key, now, end)) as T;
    try {
      const leftMs = deadline - performance.now();
      // Whoever asked gives up soon, and would be told that it failed while it is done.
      if (leftMs < leastMs) throw notBegun;
      const result = await work(leftMs);
      await this.#keep(row, etag, { result });
      return result;
    } catch (error) {
      await this.#keep(row, etag, error instanceof ToolError ? { refusal: error.message } : { failed: true });
      throw error;
    }
  }

  /** Forgets runs that began before `before`; at most `most` in one go. Gives how many went. */
  forget(before: Date, most: number): Promise<number> {
    return deleteBefore(this.#tables, table, 'startedAt', before, most);
  }

  /** The effect is there whether or not this can be written: what was done is told all the same. */
  async #keep(row: Row, etag: string, outcome: Outcome): Promise<void> {
    const text = JSON.stringify(outcome);
    const kept = text.length > longestKept ? JSON.stringify({ refusal: unknownOutcome.message }) : text;
    const entity = { ...row, outcome: kept };
    await this.#tables.write(table, { kind: 'merge', entity, etag }).catch(() => {});
  }

  async #outcomeOf(key: Pick<Row, 'partitionKey' | 'rowKey'>, now: Date, end: number): Promise<unknown> {
    for (;;) {
      const row = await this.#tables.get<Row & { outcome?: string }>(table, key.partitionKey, key.rowKey);
      if (row?.outcome) return told(JSON.parse(row.outcome) as Outcome);
      if (!row || now.getTime() - row.startedAt.getTime() > longestRunMs) throw unknownOutcome;
      if (performance.now() + lookMs > end) throw underWay;
      await sleep(lookMs);
    }
  }
}

interface Row {
  partitionKey: string;
  rowKey: string;
  startedAt: Date;
  tool: string;
  [member: string]: string | Date;
}

function told(outcome: Outcome): unknown {
  if ('result' in outcome) return outcome.result;
  throw 'refusal' in outcome ? new ToolError(outcome.refusal) : unknownOutcome;
}

const rowKeyOf = (name: string, idempotencyKey: string) =>
  createHash('sha256')
    .update(JSON.stringify([name, idempotencyKey]))
    .digest('hex');
