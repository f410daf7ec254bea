import { z } from 'zod';
import { toKey } from '../../storage/tableKey.ts';
import type { Entity, StoredEntity, TableStore } from '../../storage/tableStore.ts';
import { type Counters, counterNames } from './counters.ts';

export const usageTable = 'usage';

/** Whose usage a row counts. `-` stands for none. */
export const usageKeySchema = z.object({
  /** UTC day, `2026-11-21`. */
  day: z.iso.date(),
  model: z.string().min(1),
  tenant: z.string().min(1),
  caller: z.string().min(1),
});
export type UsageKey = z.infer<typeof usageKeySchema>;

/** A row with everything it counts so far. Versions only rise; each instance writes rows of its own. */
export const usageRowSchema = z.object({
  key: usageKeySchema,
  instance: z.string().min(1),
  version: z.int().min(1),
  totals: z.object(
    Object.fromEntries(counterNames.map((name) => [name, z.int()])) as Record<keyof Counters, z.ZodInt>,
  ),
});
export type UsageRow = z.infer<typeof usageRowSchema>;

const rowPrefix = 'r|';
const markPrefix = 'm|';

export function rowKeyOf({ model, tenant, caller }: UsageKey, instance: string): string {
  return `${rowPrefix}${[model, tenant, caller, instance].map(toKey).join('|')}`;
}

export function toEntity({ key, instance, version, totals }: UsageRow): Entity {
  const counted = Object.entries(totals).filter(([, value]) => value !== 0);
  return {
    partitionKey: key.day,
    rowKey: rowKeyOf(key, instance),
    model: key.model,
    tenant: key.tenant,
    caller: key.caller,
    instance,
    version,
    dayStart: new Date(key.day),
    ...Object.fromEntries(counted.map(([name, value]) => [name, BigInt(value)])),
  };
}

export function fromEntity(entity: StoredEntity): UsageRow {
  const totals = Object.fromEntries(
    counterNames.map((name) => [name, Number(entity[name] ?? 0)]),
  ) as Counters;
  const { partitionKey: day, model, tenant, caller } = entity;
  return {
    key: { day, model: String(model), tenant: String(tenant), caller: String(caller) },
    instance: String(entity.instance),
    version: Number(entity.version),
    totals,
  };
}

/** A row that says: this was counted. It goes with what it marks, or not at all. */
export function markOf(day: string, once: string): Entity {
  return { partitionKey: day, rowKey: `${markPrefix}${toKey(once)}`, dayStart: new Date(day) };
}

/** All rows of a UTC day. */
export async function* rowsOf(tables: TableStore, day: string): AsyncIterable<UsageRow> {
  for await (const entity of tables.list(usageTable, day, rowPrefix)) yield fromEntity(entity);
}
