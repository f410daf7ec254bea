import { createHash } from 'node:crypto';
import { raceDeadline } from '../deadline.ts';
import { isObject } from '../isObject.ts';
import { deleteBefore } from '../storage/deleteBefore.ts';
import type { Entity, TableStore } from '../storage/tableStore.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';

/** The same tool asked for with the same arguments in one conversation within this time is one request. */
export const repeatMs = 120_000;

/** A caller waits: what takes longer is done without. */
const patienceMs = 500;
const tries = 5;
const table = 'mcprepeats';
const rowKey = 'first';

interface FirstRow extends Entity {
  seenAt: Date;
}

/** A request to run a tool inside a conversation. */
export interface Ask {
  tenantId: string;
  conversationId: string;
  tool: string;
  args: unknown;
}

/**
 * Tells a repeated request from a new one. MCP has no id that survives a repetition, so a request is known by its
 * conversation, tool and arguments. When it was first seen is stored, and the time runs from there: with fixed slices of
 * time, a repetition that falls into the next slice would be taken for a new request.
 */
export class Repeats {
  readonly #tables: TableStore;

  constructor(tables: TableStore) {
    this.#tables = tables;
  }

  /**
   * A key that is the same for all deliveries of one request, on whatever instances they arrive. Where storage does not
   * answer in time, the slice of time it arrives in has to do.
   */
  async keyOf(ask: Ask, now: Date, log: Logger): Promise<string> {
    const digest = digestOf(ask);
    const seen = await raceDeadline(this.#firstSeen(digest, now), patienceMs).catch((error: unknown) => {
      log.warn('mcp-repeats-unavailable', errorFields(error));
      return undefined;
    });
    // The slice of the first: what was done without the row and what is done by it later have the same key.
    const first = typeof seen === 'number' ? seen : now.getTime();
    return `mcp:${digest}:${Math.floor(first / repeatMs)}`;
  }

  /** Forgets requests first seen before a time; at most `most` in one go. Gives how many went. */
  forget(before: Date, most: number): Promise<number> {
    return deleteBefore(this.#tables, table, 'seenAt', before, most);
  }

  /** Of several that arrive together one writes the row, and the others read it. */
  async #firstSeen(digest: string, now: Date): Promise<number> {
    for (let attempt = 0; attempt < tries; attempt++) {
      const row = await this.#tables.get<FirstRow>(table, digest, rowKey);
      if (row && Math.abs(now.getTime() - row.seenAt.getTime()) < repeatMs) return row.seenAt.getTime();
      const entity: FirstRow = { partitionKey: digest, rowKey, seenAt: now };
      const written = await this.#tables.write(
        table,
        row ? { kind: 'replace', entity, etag: row.etag } : { kind: 'insert', entity },
      );
      if (written !== undefined) return now.getTime();
    }
    throw new Error('too many of the same request at one moment');
  }
}

/** The same for the same request, in whatever order its arguments are written. */
function digestOf({ tenantId, conversationId, tool, args }: Ask): string {
  const text = JSON.stringify([tenantId, conversationId, tool, args ?? {}], sorted);
  return createHash('sha256').update(text).digest('hex');
}

/** Members in the order of their names. */
function sorted(_key: string, value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
