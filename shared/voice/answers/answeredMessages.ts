import { createHash } from 'node:crypto';
import { raceDeadline, timedOut } from '../../deadline.ts';
import { deleteBefore } from '../../storage/deleteBefore.ts';
import type { Entity, TableStore } from '../../storage/tableStore.ts';
import { errorFields, type Logger } from '../../telemetry/logger.ts';

const table = 'answered';
const rowKey = 'answer';
/** A property of a table row holds 32 K characters. */
const longestAnswer = 30_000;
/** A caller waits: what takes longer is left to the tools' and calls' own keys. */
const patienceMs = 500;
const dayMs = 86_400_000;

interface AnsweredRow extends Entity {
  json: string;
}

/**
 * What messages that bear an id of their own were answered with, so that one that comes again, repeated or replayed, is
 * answered the same and not worked on again. Recorded only once its work is stored. Where storage does not answer in time
 * a message counts as new: all that works on it is done once by keys of its own.
 */
export class AnsweredMessages {
  readonly #tables: TableStore;

  constructor(tables: TableStore) {
    this.#tables = tables;
  }

  /** The answer as JSON text; undefined for a message not seen before, or where that is not known. */
  async recall(messageId: string, log: Logger): Promise<string | undefined> {
    try {
      const read = this.#tables.get<AnsweredRow>(table, keyOf(messageId), rowKey);
      const row = await raceDeadline(read, patienceMs);
      return row === timedOut ? undefined : row?.json;
    } catch (error) {
      log.warn('answered-messages-unavailable', errorFields(error));
      return undefined;
    }
  }

  async keep(messageId: string, json: string, now: Date, log: Logger): Promise<void> {
    if (json.length > longestAnswer) return;
    try {
      const entity = { partitionKey: keyOf(messageId), rowKey, json, answeredAt: now };
      await raceDeadline(this.#tables.replace(table, entity), patienceMs);
    } catch (error) {
      log.warn('answered-messages-unavailable', errorFields(error));
    }
  }

  /** Forgets what was answered more than `days` days before `now`; at most `most` in one go. Gives how many went. */
  forget(days: number, now: Date, most: number): Promise<number> {
    const before = new Date(now.getTime() - days * dayMs);
    return deleteBefore(this.#tables, table, 'answeredAt', before, most);
  }
}

const keyOf = (messageId: string) => createHash('sha256').update(messageId).digest('hex');
