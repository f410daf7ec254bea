import { AppError } from '../../errors.ts';
import { toKey } from '../../storage/tableKey.ts';
import type { Entity, TableStore } from '../../storage/tableStore.ts';
import { type Tenant, tenantSchema } from './tenant.ts';

/** What a delivery says of the line it came in on; each is tried in this order. */
export interface LineKeys {
  /** Named by a signed token in the server URL, or already found: then nothing else is asked. */
  tenantId?: string | undefined;
  phoneNumberId?: string | undefined;
  dialledNumber?: string | undefined;
  assistantId?: string | undefined;
}

/** Row keys of the `routes` table for a line, most telling first. */
export function routeKeys(line: LineKeys): string[] {
  return [
    line.phoneNumberId && `phone-id:${toKey(line.phoneNumberId)}`,
    line.dialledNumber && `number:${toKey(line.dialledNumber)}`,
    line.assistantId && `assistant:${toKey(line.assistantId)}`,
  ].filter((key): key is string => !!key);
}

/** A tenant's lines: where each stands in its configuration, and its key in `routes`. */
export function linesOf(tenant: Tenant): { place: string; key: string }[] {
  const lines = (
    field: 'phoneNumberIds' | 'phoneNumbers' | 'assistantIds',
    toLine: (value: string) => LineKeys,
  ) =>
    tenant[field].flatMap((value, i) =>
      routeKeys(toLine(value)).map((key) => ({ place: `${field}.${i}`, key })),
    );
  return [
    ...lines('phoneNumberIds', (phoneNumberId) => ({ phoneNumberId })),
    ...lines('phoneNumbers', (dialledNumber) => ({ dialledNumber })),
    ...lines('assistantIds', (assistantId) => ({ assistantId })),
  ];
}

/** Partition of the list of all tenants; no tenant's id has a star in it. */
const directory = '*';

interface TenantRow extends Entity {
  json: string;
}
interface RouteRow extends Entity {
  tenantId: string;
}

/** A configuration as stored, also by a newer version of the app: members this one does not know are left out. */
function readStored(json: string): Tenant {
  const stored: unknown = JSON.parse(json);
  const unknown = tenantSchema.safeParse(stored).error?.issues ?? [];
  for (const issue of unknown) {
    if (issue.code !== 'unrecognized_keys') continue;
    const holder = issue.path.reduce<unknown>((at, key) => (at as Record<PropertyKey, unknown>)[key], stored);
    for (const key of issue.keys) delete (holder as Record<string, unknown>)[key];
  }
  return tenantSchema.parse(stored);
}

/** Tenants in Table Storage: one row of configuration, and one row for each line that leads to it. */
export class TenantStore {
  readonly #tables: TableStore;

  constructor(tables: TableStore) {
    this.#tables = tables;
  }

  async get(tenantId: string): Promise<Tenant | undefined> {
    return (await this.read(tenantId))?.tenant;
  }

  /** A tenant with the version that a conditional {@link put} needs. */
  async read(tenantId: string): Promise<{ tenant: Tenant; etag: string } | undefined> {
    const row = await this.#tables.get<TenantRow>('tenants', tenantId, 'config');
    return row && { tenant: readStored(row.json), etag: row.etag };
  }

  /** Ids (as row keys) and names in the order of the ids, beginning with `from`. */
  list(from: string | undefined, atOnce: number): AsyncIterable<Entity> {
    return this.#tables.list('tenants', directory, '', { from, atOnce });
  }

  /** The tenant a line leads to; the first key that has a route decides. */
  async findByLine(line: LineKeys): Promise<Tenant | undefined> {
    if (line.tenantId !== undefined) return this.get(line.tenantId);
    const routes = await Promise.all(routeKeys(line).map((key) => this.#route(key)));
    const first = routes.find((route) => route !== undefined);
    return first && this.get(first.tenantId);
  }

  /**
   * Stores tenants, points their lines to them and takes away the lines they no longer have. A line may pass from one
   * of them to another, but is never taken from a tenant that is not among them.
   * @throws AppError `line-taken` before anything is written.
   */
  async put(...tenants: readonly Tenant[]): Promise<void> {
    await this.#putLines(tenants);
    for (const tenant of tenants) {
      const row = { partitionKey: tenant.tenantId, rowKey: 'config', json: JSON.stringify(tenant) };
      await this.#tables.replace('tenants', row);
    }
  }

  /** All but the configurations, which come last: should a write fail, a repeat still sees which lines there were. */
  async #putLines(tenants: readonly Tenant[]): Promise<void> {
    const ids = new Set(tenants.map(({ tenantId }) => tenantId));
    const lines = tenants.flatMap((tenant) =>
      linesOf(tenant).map((line) => ({ ...line, tenantId: tenant.tenantId })),
    );
    for (const { place, key, tenantId } of lines) {
      const owner = (await this.#route(key))?.tenantId;
      if (owner !== undefined && !ids.has(owner)) {
        throw new AppError(
          'line-taken',
          `${tenantId}: ${place} already leads to the tenant "${owner}". Take it away from there first.`,
        );
      }
    }
    for (const { key, tenantId } of lines) {
      await this.#tables.replace('routes', { partitionKey: key, rowKey: 'tenant', tenantId });
    }
    const kept = new Set(lines.map(({ key }) => key));
    for (const { tenantId, businessName } of tenants) {
      const before = await this.get(tenantId);
      const gone = before ? linesOf(before).filter((line) => !kept.has(line.key)) : [];
      for (const { key } of gone) await this.#takeAway(key, tenantId);
      await this.#tables.replace('tenants', { partitionKey: directory, rowKey: tenantId, businessName });
    }
  }

  /**
   * As {@link put}, of one tenant that is still the version given; undefined: that is not there yet. Gives its new
   * version.
   * @throws AppError `precondition-failed`, `line-taken`.
   */
  async replace(tenant: Tenant, etag: string | undefined): Promise<string> {
    const changed = new AppError(
      'precondition-failed',
      'The tenant has been changed since it was read. Read it again, and send the change with its new ETag.',
    );
    if ((await this.read(tenant.tenantId))?.etag !== etag) throw changed;
    await this.#putLines([tenant]);
    const row = { partitionKey: tenant.tenantId, rowKey: 'config', json: JSON.stringify(tenant) };
    const written = await this.#tables.write('tenants', {
      kind: etag === undefined ? 'insert' : 'replace',
      entity: row,
      ...(etag === undefined ? {} : { etag }),
    });
    if (written === undefined) throw changed;
    return written;
  }

  /** Takes a tenant and its lines away. What was stored of its calls stays. False where there is none. */
  async remove(tenantId: string): Promise<boolean> {
    const tenant = await this.get(tenantId);
    if (!tenant) return false;
    for (const { key } of linesOf(tenant)) await this.#takeAway(key, tenantId);
    // It stays on the list for retention: calls and leads go when their time comes.
    const { businessName } = tenant;
    await this.#tables.replace('tenants', {
      partitionKey: directory,
      rowKey: tenantId,
      businessName,
      isRemoved: true,
    });
    await this.#tables.delete('tenants', tenantId, 'config');
    return true;
  }

  async #takeAway(key: string, tenantId: string): Promise<void> {
    if ((await this.#route(key))?.tenantId === tenantId) await this.#tables.delete('routes', key, 'tenant');
  }

  #route(key: string): Promise<RouteRow | undefined> {
    return this.#tables.get<RouteRow>('routes', key, 'tenant');
  }
}
