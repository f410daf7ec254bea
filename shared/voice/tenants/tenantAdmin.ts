import { AppError } from '../../errors.ts';
import { type AssistantParts, buildTransientAssistant } from '../assistant/transientAssistant.ts';
import { type Fault, vapiFaults } from '../assistant/vapiFaults.ts';
import { isObject } from '../messages/tolerant.ts';
import { type Tenant, tenantSchema } from './tenant.ts';
import { linesOf, type TenantStore } from './tenantStore.ts';

export interface TenantAdminDeps {
  store: TenantStore;
  parts: AssistantParts;
  now: () => Date;
}

/** A tenant as the API gives it. */
export interface TenantAnswer {
  etag: string;
  tenant: Tenant;
  /** What Vapi would be answered with right now. */
  preview: object;
}

/** What a change is bound to: a version, `new` that there is none yet, or nothing. */
export type Condition = { etag: string } | 'new' | undefined;

export interface TenantList {
  tenants: { tenantId: string; businessName: string }[];
  /** Where the next page begins; absent on the last one. */
  cursor?: string;
}

const mostFaults = 50;
const validId = /^[a-z0-9][a-z0-9_-]{1,62}$/;

/** Tenants as operators see and change them. */
export class TenantAdmin {
  readonly #deps: TenantAdminDeps;

  constructor(deps: TenantAdminDeps) {
    this.#deps = deps;
  }

  /** @throws AppError `not-found`. */
  async get(tenantId: string): Promise<TenantAnswer> {
    const found = await this.#read(tenantId);
    if (!found) throw notFound();
    return this.#answer(found.tenant, found.etag);
  }

  /**
   * Stores a tenant that is right by our rules and by Vapi's.
   * @throws AppError `invalid-request` that names every fault, `precondition-failed`, `line-taken`.
   */
  async put(
    tenantId: string,
    body: unknown,
    condition: Condition,
  ): Promise<TenantAnswer & { isNew: boolean }> {
    const before = await this.#read(tenantId);
    const tenant = readTenant(tenantId, unmasked(body, before?.tenant));
    const wanted = condition === 'new' ? undefined : (condition?.etag ?? before?.etag);
    const etag = await this.#deps.store.replace(tenant, wanted);
    return { ...this.#answer(tenant, etag), isNew: before === undefined };
  }

  /** @throws AppError `not-found`. */
  async remove(tenantId: string): Promise<void> {
    if (!validId.test(tenantId) || !(await this.#deps.store.remove(tenantId))) throw notFound();
  }

  /** @param after the id the page before ended with. */
  async list(limit: number, after: string | undefined): Promise<TenantList> {
    const tenants: TenantList['tenants'] = [];
    for await (const { rowKey, businessName } of this.#deps.store.list(after, limit + 2)) {
      if (rowKey === after) continue;
      if (tenants.length === limit) return { tenants, cursor: tenants.at(-1)?.tenantId ?? '' };
      tenants.push({ tenantId: rowKey, businessName: String(businessName) });
    }
    return { tenants };
  }

  async #read(tenantId: string) {
    return validId.test(tenantId) ? await this.#deps.store.read(tenantId) : undefined;
  }

  #answer(tenant: Tenant, etag: string): TenantAnswer {
    const { parts, now } = this.#deps;
    return {
      etag,
      tenant: masked(tenant),
      preview: { assistant: buildTransientAssistant(tenant, parts, now()) },
    };
  }
}

/** Stands in answers for a secret; sent back, it keeps the secret that is there. */
const kept = '(kept)';

function masked(tenant: Tenant): Tenant {
  const { delivery } = tenant;
  return delivery
    ? { ...tenant, delivery: { ...delivery, secrets: delivery.secrets.map(() => kept) } }
    : tenant;
}

function unmasked(body: unknown, before: Tenant | undefined): unknown {
  if (!isObject(body) || !isObject(body.delivery) || !Array.isArray(body.delivery.secrets)) return body;
  const secrets: unknown[] = body.delivery.secrets;
  const known = secrets.map((secret, i) =>
    secret === kept ? (before?.delivery?.secrets[i] ?? kept) : secret,
  );
  return { ...body, delivery: { ...body.delivery, secrets: known } };
}

const notFound = () => new AppError('not-found', 'There is no tenant of this id.');

function readTenant(tenantId: string, body: unknown): Tenant {
  const given = isObject(body) ? { tenantId, ...body } : body;
  const parsed = tenantSchema.safeParse(given);
  const faults: Fault[] = parsed.success
    ? vapiFaults(parsed.data)
    : parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), problem: message }));
  if (isObject(given) && given.tenantId !== tenantId)
    faults.push({ path: 'tenantId', problem: 'must be that of the address, or left out' });
  if (parsed.success && linesOf(parsed.data).length === 0)
    faults.push({
      path: 'phoneNumberIds',
      problem: 'no call can reach it: give phoneNumberIds, phoneNumbers or assistantIds',
    });
  if (parsed.success && faults.length === 0) return parsed.data;
  throw new AppError('invalid-request', 'The tenant is not valid; see "faults".', {
    details: { faults: faults.slice(0, mostFaults) },
  });
}
