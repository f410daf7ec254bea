import { toKey } from '../../storage/tableKey.ts';
import type { TableStore } from '../../storage/tableStore.ts';

const table = 'donotcall';
/** Partition of numbers that no tenant may call. */
const everyone = 'everyone';

/** Numbers that are not to be called: one row for each, in the partition of the tenant or of everyone. */
export class DoNotCallList {
  readonly #tables: TableStore;

  constructor(tables: TableStore) {
    this.#tables = tables;
  }

  /** True where the number is on the tenant's list or on everyone's. Numbers in E.164. */
  async has(tenantId: string | undefined, number: string): Promise<boolean> {
    const partitions = tenantId === undefined ? [everyone] : [tenantId, everyone];
    const rows = await Promise.all(
      partitions.map((partition) => this.#tables.get(table, partition, toKey(number))),
    );
    return rows.some((row) => row !== undefined);
  }

  /** Without a tenant the number is on everyone's list. */
  async add(tenantId: string | undefined, number: string, now: Date): Promise<void> {
    await this.#tables.merge(table, {
      partitionKey: tenantId ?? everyone,
      rowKey: toKey(number),
      addedAt: now.toISOString(),
    });
  }

  async remove(tenantId: string | undefined, number: string): Promise<void> {
    await this.#tables.delete(table, tenantId ?? everyone, toKey(number));
  }
}
