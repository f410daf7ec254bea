import { AppError } from '../../errors.ts';
import { toKey } from '../../storage/tableKey.ts';
import type { Entity, StoredEntity, TableStore } from '../../storage/tableStore.ts';
import { tryJson } from '../../tryJson.ts';
import { membersOf, textOf } from '../messages/tolerant.ts';
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
const config = 'config';
/** Row that says that the list is complete. */
const listedMark = { partitionKey: '**', rowKey: 'listed' };

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

type Line = ReturnType<typeof linesOf>[number] & { tenantId: string };

const rowOf = (tenant: Tenant) => ({
  partitionKey: tenant.tenantId,
  rowKey: config,
  json: JSON.stringify(tenant),
});

/** A tenant's entry in the list of all. */
const listed = ({ tenantId, businessName }: Pick<Tenant, 'tenantId' | 'businessName'>) => ({
  partitionKey: directory,
  rowKey: tenantId,
  businessName,
});

/** Somebody else was faster. */
export const changed = () =>
  new AppError(
    'precondition-failed',
    'The tenant has been changed since it was read. Read it again, and send the change with its new ETag.',
  );

const taken = (tenantId: string, place: string, owner: string) =>
  new AppError(
    'line-taken',
    `${tenantId}: ${place} already leads to the tenant "${owner}". Take it away from there first.`,
  );

/** Tenants in Table Storage: one row of configuration, and one row for each line that leads to it. */
export class TenantStore {
  readonly #tables: TableStore;
  #isListed = false;

  constructor(tables: TableStore) {
    this.#tables = tables;
  }

  async get(tenantId: string): Promise<Tenant | undefined> {
    return (await this.read(tenantId))?.tenant;
  }

  /** A tenant with the version that a conditional {@link put} needs. */
  async read(tenantId: string): Promise<{ tenant: Tenant; etag: string } | undefined> {
    const row = await this.#tables.get<TenantRow>('tenants', tenantId, config);
    return row && { tenant: readStored(row.json), etag: row.etag };
  }

  /** Ids (as row keys) and names in the order of the ids, beginning with `from`. */
  async *list(from: string | undefined, atOnce: number): AsyncIterable<Entity> {
    await this.#listAll();
    yield* this.#tables.list('tenants', directory, '', { from, atOnce });
  }

  /** The tenant a line leads to; the first key that has a route decides. */
  async findByLine(line: LineKeys): Promise<Tenant | undefined> {
    if (line.tenantId !== undefined) return this.get(line.tenantId);
    const keys = routeKeys(line);
    const routes = await Promise.all(keys.map((key) => this.#route(key)));
    const at = routes.findIndex((route) => route !== undefined);
    const tenant = await this.get(routes[at]?.tenantId ?? '');
    return tenant && linesOf(tenant).some(({ key }) => key === keys[at]) ? tenant : undefined;
  }

  /**
   * Stores tenants, points their lines to them and takes away the lines they no longer have. A line may pass from one
   * of them to another, but is never taken from a tenant that is not among them.
   * @throws AppError `line-taken` before anything is written.
   */
  async put(...tenants: readonly Tenant[]): Promise<void> {
    await this.#store(tenants, async () => {
      for (const tenant of tenants) await this.#tables.replace('tenants', rowOf(tenant));
    });
  }

  /**
   * As {@link put}, of one tenant that is still the version given; undefined: that is not there yet. Gives its new
   * version.
   * @throws AppError `precondition-failed`, `line-taken`.
   */
  async replace(tenant: Tenant, etag: string | undefined): Promise<string> {
    if ((await this.read(tenant.tenantId))?.etag !== etag) throw changed();
    return this.#store([tenant], async () => {
      const operation =
        etag === undefined ? ({ kind: 'insert' } as const) : ({ kind: 'replace', etag } as const);
      const written = await this.#tables.write('tenants', { ...operation, entity: rowOf(tenant) });
      if (written === undefined) throw changed();
      return written;
    });
  }

  /**
   * Lines and the list first, configurations then, and last the lines that are no longer any: whatever breaks off in
   * between leaves no line without its tenant and no tenant off the list, by which its calls are erased when they are
   * old; and a route to a tenant that does not have the line counts for nothing, as an entry of the list without one.
   */
  async #store<T>(tenants: readonly Tenant[], write: () => Promise<T>): Promise<T> {
    const lines = tenants.flatMap((tenant) =>
      linesOf(tenant).map((line) => ({ ...line, tenantId: tenant.tenantId })),
    );
    const before = await Promise.all(tenants.map(({ tenantId }) => this.get(tenantId)));
    const claimed = await this.#claim(lines, new Set(tenants.map(({ tenantId }) => tenantId)));
    let written: T;
    try {
      for (const [i, tenant] of tenants.entries()) if (!before[i]) await this.#addToList(tenant);
      written = await write();
    } catch (error) {
      for (const { key, etag } of claimed) await this.#tables.delete('routes', key, 'tenant', etag);
      throw error;
    }
    const kept = new Set(lines.map(({ key }) => key));
    for (const tenant of before.filter((known) => known !== undefined))
      for (const { key } of linesOf(tenant)) if (!kept.has(key)) await this.#takeAway(key, tenant.tenantId);
    for (const tenant of tenants) await this.#tables.replace('tenants', listed(tenant));
    return written;
  }

  /** Puts tenants on the list that were stored before there was one. Done until a look finds nothing to do. */
  async #listAll(): Promise<void> {
    if (this.#isListed) return;
    const { partitionKey, rowKey } = listedMark;
    if (!(await this.#tables.get('tenants', partitionKey, rowKey))) {
      const known = new Set<string>();
      for await (const row of this.#tables.list('tenants', directory)) known.add(row.rowKey);
      let isComplete = true;
      for await (const { partitionKey: tenantId, json } of this.#tables.listKey<TenantRow>(
        'tenants',
        config,
      )) {
        if (known.has(tenantId)) continue;
        isComplete = false;
        const businessName = textOf(membersOf(tryJson(json)).businessName) ?? tenantId;
        await this.#addToList({ tenantId, businessName });
      }
      // An instance of the version before may still be writing.
      if (!isComplete) return;
      await this.#tables.replace('tenants', listedMark);
    }
    this.#isListed = true;
  }

  /** An entry that is there stays as it is. */
  async #addToList(tenant: Pick<Tenant, 'tenantId' | 'businessName'>): Promise<void> {
    await this.#tables.write('tenants', { kind: 'insert', entity: listed(tenant) });
  }

  /** Points lines to their tenants. Gives the routes that are new, which would have to go were it all undone. */
  async #claim(lines: readonly Line[], ids: ReadonlySet<string>): Promise<{ key: string; etag: string }[]> {
    const routes = await Promise.all(lines.map(({ key }) => this.#route(key)));
    for (const [i, { place, key, tenantId }] of lines.entries()) {
      const owner = routes[i]?.tenantId;
      if (owner !== undefined && !ids.has(owner) && (await this.#hasLine(owner, key)))
        throw taken(tenantId, place, owner);
    }
    const claimed: { key: string; etag: string }[] = [];
    for (const [i, { place, key, tenantId }] of lines.entries()) {
      const route = routes[i];
      if (route?.tenantId === tenantId) continue;
      const entity = { partitionKey: key, rowKey: 'tenant', tenantId };
      const operation = route
        ? ({ kind: 'replace', etag: route.etag } as const)
        : ({ kind: 'insert' } as const);
      const etag = await this.#tables.write('routes', { ...operation, entity });
      if (etag === undefined) {
        for (const own of claimed) await this.#tables.delete('routes', own.key, 'tenant', own.etag);
        throw taken(tenantId, place, 'stored at this moment');
      }
      if (!route || !ids.has(route.tenantId)) claimed.push({ key, etag });
    }
    return claimed;
  }

  async #hasLine(tenantId: string, key: string): Promise<boolean> {
    const tenant = await this.get(tenantId);
    return tenant !== undefined && linesOf(tenant).some((line) => line.key === key);
  }

  /** Takes a tenant and its lines away. What was stored of its calls stays. False where there is none. */
  async remove(tenantId: string): Promise<boolean> {
    const tenant = await this.get(tenantId);
    if (!tenant) return false;
    for (const { key } of linesOf(tenant)) await this.#takeAway(key, tenantId);
    // It stays on the list for retention: calls and leads go when their time comes.
    await this.#tables.replace('tenants', { ...listed(tenant), isRemoved: true });
    await this.#tables.delete('tenants', tenantId, config);
    return true;
  }

  async #takeAway(key: string, tenantId: string): Promise<void> {
    if ((await this.#route(key))?.tenantId === tenantId) await this.#tables.delete('routes', key, 'tenant');
  }

  #route(key: string): Promise<StoredEntity<RouteRow> | undefined> {
    return this.#tables.get<RouteRow>('routes', key, 'tenant');
  }
}
