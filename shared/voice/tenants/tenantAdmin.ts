import { createHash } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { isObject } from '../../isObject.ts';
import { type AssistantParts, buildTransientAssistant } from '../assistant/transientAssistant.ts';
import { type Fault, forcing, vapiFaults } from '../assistant/vapiFaults.ts';
import { type Tenant, tenantSchema } from './tenant.ts';
import { changed, linesOf, type TenantStore } from './tenantStore.ts';

export interface TenantAdminDeps {
  store: TenantStore;
  parts: AssistantParts;
  /** True where a token in the address can name a tenant. */
  mayHaveNoLine: boolean;
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
   * Stores a tenant that is right by our rules and by Vapi's. With `isForced` Vapi's closed lists of models, voices and
   * languages are not asked: it may have added to them.
   * @throws AppError `invalid-request` that names every fault, `precondition-failed`, `line-taken`.
   */
  async put(
    tenantId: string,
    body: unknown,
    condition: Condition,
    isForced = false,
  ): Promise<TenantAnswer & { isNew: boolean }> {
    const before = await this.#read(tenantId);
    const { mayHaveNoLine } = this.#deps;
    const tenant = readTenant(tenantId, unmasked(body, before?.tenant), { mayHaveNoLine, isForced });
    // Whatever could go wrong in a call goes wrong before it is stored.
    this.#preview(tenant);
    const wanted = condition === 'new' ? undefined : (condition?.etag ?? before?.etag);
    const etag = await this.#deps.store.replace(tenant, wanted);
    return { ...this.#answer(tenant, etag), isNew: before === undefined };
  }

  /** @throws AppError `not-found`, `precondition-failed`. */
  async remove(tenantId: string, condition: Condition): Promise<void> {
    const found = await this.#read(tenantId);
    if (!found) throw notFound();
    if (condition === 'new' || (condition && condition.etag !== found.etag)) throw changed();
    await this.#deps.store.remove(tenantId);
  }

  /** @param after the id the page before ended with. */
  async list(limit: number, after: string | undefined): Promise<TenantList> {
    const tenants: TenantList['tenants'] = [];
    for await (const { rowKey, businessName, isRemoved } of this.#deps.store.list(after, limit + 2)) {
      if (rowKey === after || isRemoved) continue;
      if (tenants.length === limit) return { tenants, cursor: tenants.at(-1)?.tenantId ?? '' };
      tenants.push({ tenantId: rowKey, businessName: String(businessName) });
    }
    return { tenants };
  }

  async #read(tenantId: string) {
    return validId.test(tenantId) ? await this.#deps.store.read(tenantId) : undefined;
  }

  #preview(tenant: Tenant): object {
    const { parts, now } = this.#deps;
    return { assistant: buildTransientAssistant(tenant, parts, now()) };
  }

  #answer(tenant: Tenant, etag: string): TenantAnswer {
    return { etag, tenant: masked(tenant), preview: this.#preview(tenant) };
  }
}

/** Stands in answers for a secret, and tells it from the others; sent back, it keeps that secret. */
function keptMark(secret: string): string {
  return `(kept:${createHash('sha256').update(secret).digest('hex').slice(0, 8)})`;
}

function masked(tenant: Tenant): Tenant {
  const { delivery } = tenant;
  return delivery
    ? { ...tenant, delivery: { ...delivery, secrets: delivery.secrets.map(keptMark) } }
    : tenant;
}

function unmasked(body: unknown, before: Tenant | undefined): unknown {
  if (!isObject(body) || !isObject(body.delivery) || !Array.isArray(body.delivery.secrets)) return body;
  const marked = new Map(before?.delivery?.secrets.map((secret) => [keptMark(secret), secret]));
  const given: unknown[] = body.delivery.secrets;
  const known = given.map((secret) => marked.get(String(secret)) ?? secret);
  return { ...body, delivery: { ...body.delivery, secrets: known } };
}

const notFound = () => new AppError('not-found', 'There is no tenant of this id.');

function readTenant(
  tenantId: string,
  body: unknown,
  { mayHaveNoLine, isForced }: { mayHaveNoLine: boolean; isForced: boolean },
): Tenant {
  const given = isObject(body) ? { tenantId, ...body } : body;
  const parsed = tenantSchema.safeParse(given);
  const refused = parsed.success && !isForced ? vapiFaults(parsed.data) : [];
  const issues = parsed.error?.issues ?? [];
  const faults: Fault[] = [
    ...refused,
    ...issues.map(({ path, message }) => ({ path: path.join('.'), problem: message })),
  ];
  if (isObject(given) && given.tenantId !== tenantId)
    faults.push({ path: 'tenantId', problem: 'must be that of the address, or left out' });
  if (parsed.success && linesOf(parsed.data).length === 0 && !mayHaveNoLine)
    faults.push({
      path: 'phoneNumberIds',
      problem: 'no call can reach it: give phoneNumberIds, phoneNumbers or assistantIds',
    });
  if (parsed.success && faults.length === 0) return parsed.data;
  const way = refused.length > 0 ? ` ${forcing('?force=true')}` : '';
  throw new AppError('invalid-request', `The tenant is not valid; see "faults".${way}`, {
    details: { faults: faults.slice(0, mostFaults) },
  });
}
