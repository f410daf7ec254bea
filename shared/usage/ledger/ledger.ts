import { AppError } from '../../errors.ts';
import type { Stores } from '../../storage/stores.ts';
import { recordMetric } from '../../telemetry/instruments.ts';
import type { Counters } from './counters.ts';
import { type Recorded, RowWriter } from './rowWriter.ts';
import {
  fromEntity,
  rowKeyOf,
  toEntity,
  type UsageKey,
  type UsageRow,
  usageRowSchema,
  usageTable,
} from './usageRow.ts';

/** Queue of rows that the table did not take. */
export const usageQueue = 'usage';

export interface LedgerOptions {
  stores: Pick<Stores, 'tables' | 'queues'>;
  /** Tells this instance from all others that ever were. */
  instance: string;
  now: () => Date;
  /** How long the table may take before the queue is asked. */
  patienceMs?: number;
  /** Rows kept in memory; beyond it those that are stored are forgotten. */
  mostWriters?: number;
}

/** Whose usage it is; what does not apply is left out. */
export interface Usage {
  model?: string | undefined;
  tenant?: string | undefined;
  caller?: string | undefined;
  /** Whole numbers. */
  amounts: Partial<Counters>;
  /** UTC day it belongs to; today where not said. With `once` it must be the same for every try. */
  day?: string | undefined;
  /** Key under which it is counted once, however often it is recorded. */
  once?: string;
}

const none = '-';
const defaults = { patienceMs: 3_000, mostWriters: 5_000 };
const mostApplyTries = 10;

/**
 * What was used, by day, model, tenant and caller. Each instance writes only rows of its own, so that there is nothing to
 * conflict on; statistics sum them.
 */
export class Ledger {
  readonly #options: LedgerOptions;
  readonly #writers = new Map<string, RowWriter>();
  /** How often writers were forgotten: those that come after write rows of their own. */
  #generation = 0;

  constructor(options: LedgerOptions) {
    this.#options = options;
  }

  /**
   * Gives once the usage is in the table or the queue, so that an instance that is frozen or killed afterwards loses
   * nothing. @throws where neither took it, the log must then say so; AppError `internal` for amounts that are not whole.
   */
  async record({ model, tenant, caller, amounts, day, once }: Usage): Promise<Recorded> {
    if (!Object.values(amounts).every((amount) => Number.isSafeInteger(amount)))
      throw new AppError('internal', 'Usage is counted in whole numbers.');
    const began = performance.now();
    const today = this.#options.now().toISOString().slice(0, 10);
    const key = {
      day: day ?? today,
      model: model || none,
      tenant: tenant || none,
      caller: caller || none,
    };
    let outcome = 'failed';
    try {
      const recorded = await this.#writer(key, once !== undefined).add(amounts, once);
      outcome = recorded;
      return recorded;
    } finally {
      const seconds = (performance.now() - began) / 1000;
      recordMetric('gatehouse.usage.flush.duration', seconds, { 'gatehouse.outcome': outcome });
    }
  }

  /**
   * Writes a row that came through the queue, unless a later version of it stands there.
   * @throws for a message that is no row, or a table that does not answer: the queue brings it again.
   */
  async apply(message: unknown): Promise<'written' | 'outdated'> {
    const row = usageRowSchema.parse(message);
    const { tables } = this.#options.stores;
    for (let tries = 0; tries < mostApplyTries; tries++) {
      const stored = await tables.get(usageTable, row.key.day, rowKeyOf(row.key, row.instance));
      if (stored && fromEntity(stored).version >= row.version) return 'outdated';
      const entity = toEntity(row);
      const step = stored
        ? { kind: 'replace' as const, entity, etag: stored.etag }
        : { kind: 'insert' as const, entity };
      if ((await tables.write(usageTable, step)) !== undefined) return 'written';
    }
    throw new Error('the usage row stays in conflict');
  }

  #writer(key: UsageKey, isOnce: boolean): RowWriter {
    const { stores, patienceMs = defaults.patienceMs } = this.#options;
    const id = JSON.stringify([key, isOnce]);
    let writer = this.#writers.get(id);
    if (!writer) {
      this.#forgetIdle();
      const instance = `${this.#options.instance}.${this.#generation}`;
      writer = new RowWriter({
        tables: stores.tables,
        key,
        instance: isOnce ? `${instance}.once` : instance,
        patienceMs,
        spill: (row: UsageRow) => stores.queues.send(usageQueue, JSON.stringify(row)),
      });
      this.#writers.set(id, writer);
    }
    return writer;
  }

  #forgetIdle(): void {
    if (this.#writers.size < (this.#options.mostWriters ?? defaults.mostWriters)) return;
    this.#generation++;
    for (const [id, writer] of this.#writers) if (writer.isIdle) this.#writers.delete(id);
  }
}
