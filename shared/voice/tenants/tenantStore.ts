import { toKey } from '../../storage/tableKey.ts';
import type { Entity, TableStore } from '../../storage/tableStore.ts';
import { type Tenant, tenantSchema } from './tenant.ts';

/** What a delivery says of the line it came in on; each is tried in this order. */
export interface LineKeys {
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

function routesOf(tenant: Tenant): string[] {
  return [
    ...tenant.phoneNumberIds.map((id) => routeKeys({ phoneNumberId: id })),
    ...tenant.phoneNumbers.map((number) => routeKeys({ dialledNumber: number })),
    ...tenant.assistantIds.map((id) => routeKeys({ assistantId: id })),
  ].flat();
}

interface TenantRow extends Entity {
  json: string;
}
interface RouteRow extends Entity {
  tenantId: string;
}

/** Tenants in Table Storage: one row of configuration, and one row for each line that leads to it. */
export class TenantStore {
  readonly #tables: TableStore;

  constructor(tables: TableStore) {
    this.#tables = tables;
  }

  async get(tenantId: string): Promise<Tenant | undefined> {
    const row = await this.#tables.get<TenantRow>('tenants', tenantId, 'config');
    return row && tenantSchema.parse(JSON.parse(row.json));
  }

  /** The tenant a line leads to; the first key that has a route decides. */
  async findByLine(line: LineKeys): Promise<Tenant | undefined> {
    const routes = await Promise.all(
      routeKeys(line).map((key) => this.#tables.get<RouteRow>('routes', key, 'tenant')),
    );
    const first = routes.find((route) => route !== undefined);
    return first && this.get(first.tenantId);
  }

  /** Stores a tenant, points its lines to it and takes away the lines it no longer has. */
  async put(tenant: Tenant): Promise<void> {
    const before = await this.get(tenant.tenantId);
    const routes = routesOf(tenant);
    await this.#tables.replace('tenants', {
      partitionKey: tenant.tenantId,
      rowKey: 'config',
      json: JSON.stringify(tenant),
    });
    for (const key of routes) {
      await this.#tables.replace('routes', {
        partitionKey: key,
        rowKey: 'tenant',
        tenantId: tenant.tenantId,
      });
    }
    for (const key of before ? routesOf(before).filter((old) => !routes.includes(old)) : []) {
      const route = await this.#tables.get<RouteRow>('routes', key, 'tenant');
      if (route?.tenantId === tenant.tenantId) await this.#tables.delete('routes', key, 'tenant');
    }
  }
}
