import type { Entity, TableStore } from '../../storage/tableStore.ts';
import { fromListProperties, toListProperties } from './listProperties.ts';
import type { SequenceFloor } from './liveTools.ts';
import type { DeadLetter } from './loadTool.ts';

const table = 'instances';
const partitionKey = 'tools';
const floorKey = 'floor';
const instanceKey = (id: string) => `i|${id}`;

/** One tool as one instance has it. */
export interface ToolBeat {
  name: string;
  kind: string;
  version: string;
  /** Absent for tools of the deployment. */
  sha256?: string;
  publisher?: string;
  since?: string;
  calls: number;
  errors: number;
  /** Milliseconds. */
  p50?: number;
  p95?: number;
}

/** What an instance says of itself. */
export interface Beat {
  instance: string;
  /** Of the manifest it goes by; 0 before the first. */
  sequence: number;
  at: string;
  tools: ToolBeat[];
  /** What it could not load and has not loaded since, and the manifests it has refused since it last took one. */
  problems: Problem[];
}

/** A manifest that was refused or a version that did not load, as its event says. */
export interface Problem {
  at: string;
  kind: string;
  [member: string]: unknown;
}

/** A version that did not load, and when it was last tried. */
export interface DeadLetterProblem extends Problem, DeadLetter {
  kind: 'dead-letter';
  /** What the manifest says of the tool, where it is at hand. */
  toolKind?: string;
  publisher?: string;
}

export const isDeadLetter = (problem: Problem): problem is DeadLetterProblem =>
  problem.kind === 'dead-letter';

interface BeatRow extends Entity {
  sequence: number;
  at: Date;
}

/** Which instance has which tools: the only way to know that a publication has reached them all. */
export class Instances implements SequenceFloor {
  readonly #tables: TableStore;

  constructor(tables: TableStore) {
    this.#tables = tables;
  }

  async beat({ instance, sequence, at, tools, problems }: Beat): Promise<void> {
    const row: BeatRow = {
      partitionKey,
      rowKey: instanceKey(instance),
      sequence,
      at: new Date(at),
      ...toListProperties('tools', tools),
      ...toListProperties('problems', problems),
    };
    await this.#tables.replace(table, row);
  }

  /** An instance that ends says so: nobody waits for it. */
  async leave(instance: string): Promise<void> {
    await this.#tables.delete(table, partitionKey, instanceKey(instance));
  }

  /** Instances that have been heard of since `since`. */
  async list(since: Date): Promise<Beat[]> {
    const beats: Beat[] = [];
    for await (const row of this.#tables.list<BeatRow>(table, partitionKey, instanceKey('')))
      if (row.at >= since) beats.push(toBeat(row));
    return beats;
  }

  /** Forgets instances that have not been heard of since. Gives how many. */
  async forget(before: Date): Promise<number> {
    let count = 0;
    for await (const row of this.#tables.list<BeatRow>(table, partitionKey, instanceKey(''))) {
      if (row.at >= before) continue;
      await this.#tables.delete(table, partitionKey, row.rowKey);
      count++;
    }
    return count;
  }

  async read(): Promise<number> {
    const row = await this.#tables.get<Entity & { sequence: number }>(table, partitionKey, floorKey);
    return row?.sequence ?? 0;
  }

  async raise(sequence: number): Promise<void> {
    for (;;) {
      const row = await this.#tables.get<Entity & { sequence: number }>(table, partitionKey, floorKey);
      if (row && row.sequence >= sequence) return;
      const entity = { partitionKey, rowKey: floorKey, sequence };
      const step = row
        ? ({ kind: 'replace', entity, etag: row.etag } as const)
        : ({ kind: 'insert', entity } as const);
      if ((await this.#tables.write(table, step)) !== undefined) return;
    }
  }
}

function toBeat(row: BeatRow): Beat {
  return {
    instance: row.rowKey.slice(instanceKey('').length),
    sequence: row.sequence,
    at: row.at.toISOString(),
    tools: fromListProperties<ToolBeat>('tools', row),
    problems: fromListProperties<Problem>('problems', row),
  };
}
