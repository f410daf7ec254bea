import { raceDeadline, timedOut } from '../../deadline.ts';
import type { TableStore } from '../../storage/tableStore.ts';
import { type Counters, sum, zero } from './counters.ts';
import {
  fromEntity,
  markOf,
  rowKeyOf,
  toEntity,
  type UsageKey,
  type UsageRow,
  usageTable,
} from './usageRow.ts';

/** `repeated`: an entry of the same `once` had been counted before. */
export type Recorded = 'stored' | 'repeated';

export interface RowWriterOptions {
  tables: TableStore;
  key: UsageKey;
  /** The only one that writes this row, and the first. */
  instance: string;
  /** Takes a row that the table did not. @throws where it cannot either. */
  spill(row: UsageRow): Promise<void>;
  patienceMs: number;
}

interface Entry {
  amounts: Partial<Counters>;
  once: string | undefined;
  settle: PromiseWithResolvers<Recorded>;
}

/** A write whose outcome is not known. */
interface Attempt {
  version: number;
  entries: readonly Entry[];
}

/** A transaction holds a hundred steps: the row, and marks. */
const mostMarks = 99;
const mostTries = 8;
/** A transaction does not tell the row's new version: it is read before the next write. */
const unknownVersion = 'unknown';

const total = (start: Counters, entries: readonly Entry[]) =>
  entries.reduce((counted, { amounts }) => sum(counted, amounts), start);

/**
 * Writes one row of this instance. What comes while a write is under way goes together with the next. A row holds
 * absolute totals under a rising version, so that a write whose outcome is not known is told by reading: nothing counts
 * twice. Where the table does not answer, the whole row goes to the queue instead, whose worker writes it unless a later
 * version is there already. Entries with `once` never go there, and have a writer of their own.
 */
export class RowWriter {
  readonly #options: RowWriterOptions;
  readonly #waiting = new Set<Entry>();
  /** All that is in the table or on its way there. */
  #counted = zero();
  #version = 0;
  #etag: string | undefined;
  /** The row may stand in a version that is not known here. */
  #mustRead = false;
  /** Of the entries that are being stored. */
  #unsure: Attempt[] = [];
  #isFlying = false;
  /** More is counted than the table holds. */
  #isAhead = false;
  /** Neither the table nor the queue holds all that is counted. */
  #isUntold = false;
  /** Raised when a write is given up: what it still learns comes too late. */
  #round = 0;

  constructor(options: RowWriterOptions) {
    this.#options = options;
  }

  /** Nothing would be lost by forgetting this writer, where the next has a row of its own. */
  get isIdle(): boolean {
    return !this.#isFlying && !this.#isUntold;
  }

  /**
   * Gives once the amounts are where nothing can lose them. @throws where neither table nor queue took them; those
   * without `once` then go with the next write.
   */
  add(amounts: Partial<Counters>, once?: string): Promise<Recorded> {
    const settle = Promise.withResolvers<Recorded>();
    this.#waiting.add({ amounts, once, settle });
    if (!this.#isFlying) void this.#fly();
    return settle.promise;
  }

  async #fly(): Promise<void> {
    this.#isFlying = true;
    // One turn, so that what is recorded at the same moment goes together.
    await Promise.resolve();
    while (this.#waiting.size > 0) {
      const entries = this.#nextEntries();
      try {
        const stored = await raceDeadline(this.#store(entries), this.#options.patienceMs);
        if (stored === timedOut) throw new Error('the usage table did not answer in time');
      } catch (error) {
        this.#round++;
        this.#mustRead = true;
        await this.#spill(entries, error);
      }
    }
    this.#isFlying = false;
  }

  /** A transaction cannot hold a mark twice: who brings the same `once` waits for its outcome. */
  #nextEntries(): Entry[] {
    const plain: Entry[] = [];
    const marked = new Map<string, Entry>();
    for (const entry of this.#waiting) {
      if (entry.once === undefined) plain.push(entry);
      else if (marked.size < mostMarks && !marked.has(entry.once)) marked.set(entry.once, entry);
    }
    return [...plain, ...marked.values()];
  }

  async #store(entries: readonly Entry[]): Promise<void> {
    const round = this.#round;
    for (let tries = 0; tries < mostTries && round === this.#round; tries++) {
      if (this.#mustRead) await this.#read(round);
      const left = entries.filter((entry) => this.#waiting.has(entry));
      if (left.length === 0) return;
      if (await this.#write(left, round)) return;
      this.#mustRead = true;
      await this.#dropRepeated(left, round);
    }
    throw new Error('the usage row stays in conflict');
  }

  /** Gives false where the row is no longer the version that is known, or a mark is there already. */
  async #write(entries: readonly Entry[], round: number): Promise<boolean> {
    const { tables, key, instance } = this.#options;
    const version = ++this.#version;
    const entity = toEntity({ key, instance, version, totals: total(this.#counted, entries) });
    const etag = this.#etag;
    const row =
      etag === undefined ? { kind: 'insert' as const, entity } : { kind: 'replace' as const, entity, etag };
    const marks = entries.flatMap(({ once }) => (once === undefined ? [] : [markOf(key.day, once)]));
    this.#unsure.push({ version, entries });
    const steps = [row, ...marks.map((mark) => ({ kind: 'insert' as const, entity: mark }))];
    const written =
      marks.length === 0
        ? await tables.write(usageTable, row)
        : (await tables.transact(usageTable, steps)) === 'done' && unknownVersion;
    if (round !== this.#round) return true;
    if (!written) return false;
    this.#etag = written;
    this.#mustRead = written === unknownVersion;
    this.#stored(entries);
    return true;
  }

  /** The row holds these, and all that was counted before. */
  #stored(entries: readonly Entry[]): void {
    this.#unsure = [];
    this.#isAhead = false;
    this.#isUntold = false;
    this.#settle(entries, 'stored');
  }

  /** Learns the row's version; a write of ours that was taken for lost may stand there. */
  async #read(round: number): Promise<void> {
    const { tables, key, instance } = this.#options;
    const stored = await tables.get(usageTable, key.day, rowKeyOf(key, instance));
    if (round !== this.#round) return;
    this.#mustRead = false;
    this.#etag = stored?.etag;
    if (!stored) return;
    const { version, totals } = fromEntity(stored);
    const landed = this.#unsure.find((attempt) => attempt.version === version);
    if (landed) this.#stored(landed.entries);
    // Entries that were refused when they seemed lost may be in the row.
    if (!this.#isAhead) this.#counted = totals;
  }

  async #dropRepeated(entries: readonly Entry[], round: number): Promise<void> {
    await this.#read(round);
    const { tables, key } = this.#options;
    for (const entry of entries) {
      if (entry.once === undefined || !this.#waiting.has(entry)) continue;
      const mark = markOf(key.day, entry.once);
      if (await tables.get(usageTable, mark.partitionKey, mark.rowKey)) this.#settle([entry], 'repeated');
    }
  }

  #settle(entries: readonly Entry[], outcome: Recorded): void {
    const waiting = entries.filter((entry) => this.#waiting.delete(entry));
    if (outcome === 'stored') this.#counted = total(this.#counted, waiting);
    for (const { settle } of waiting) settle.resolve(outcome);
  }

  /** Has the queue take the row. Entries that count once are refused instead: their callers come again. */
  async #spill(entries: readonly Entry[], cause: unknown): Promise<void> {
    const { key, instance, spill } = this.#options;
    const left = entries.filter((entry) => this.#waiting.has(entry));
    const [once, plain] = [
      left.filter((e) => e.once !== undefined),
      left.filter((e) => e.once === undefined),
    ];
    for (const entry of left) this.#waiting.delete(entry);
    this.#unsure = [];
    for (const { settle } of once) settle.reject(cause);
    if (plain.length === 0) return;
    this.#counted = total(this.#counted, plain);
    const version = ++this.#version;
    this.#isAhead = true;
    try {
      await spill({ key, instance, version, totals: this.#counted });
      this.#isUntold = false;
      for (const { settle } of plain) settle.resolve('stored');
    } catch (error) {
      this.#isUntold = true;
      for (const { settle } of plain) settle.reject(error);
    }
  }
}
