import { raceDeadline, timedOut } from '../../deadline.ts';
import type { Tenant } from './tenant.ts';
import { type LineKeys, routeKeys, type TenantStore } from './tenantStore.ts';

export type Lookup =
  | { kind: 'found'; tenant: Tenant; source: 'cache' | 'store' | 'last-known' }
  | { kind: 'unknown' }
  /** The store failed or took too long, and nothing was known from before. */
  | { kind: 'unavailable'; cause: unknown };

interface Entry {
  tenant: Tenant | undefined;
  freshUntil: number;
  /** From then on whoever asks is answered from memory and starts a read for those who ask later. */
  renewFrom: number;
  /** When it was last moved to the end of those that are forgotten. */
  touchedAt: number;
}

const mostEntries = 10_000;
/** A line nobody knows is asked for again soon: its tenant may be added while the phone rings. */
const unknownTtlMs = 10_000;
const getMs = 2_000;
/** Between two attempts to renew an entry that is still fresh. */
const renewEveryMs = 1_000;
/** How exactly the order in which lines were asked for is known. */
const touchEveryMs = 1_000;
/** With an answer at hand, no caller waits longer than this for a newer one. */
const patienceWithLastKnownMs = 1_000;

/**
 * Finds the tenant of a line: from memory while fresh, else from the store within a budget, else as last known. A line that
 * is called often never waits for the store: in the second half of its life an entry is renewed behind the answer.
 */
export class TenantDirectory {
  readonly #store: TenantStore;
  readonly #ttlMs: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #loading = new Map<string, Promise<Tenant | undefined>>();

  /** `now` gives milliseconds; the cache lives `ttlMs` (0: every lookup reads the store). */
  constructor(store: TenantStore, ttlMs: number, now: () => number = Date.now) {
    this.#store = store;
    this.#ttlMs = ttlMs;
    this.#now = now;
  }

  async find(line: LineKeys, budgetMs: number): Promise<Lookup> {
    const key = cacheKey(line);
    if (key === '') return { kind: 'unknown' };
    const known = this.#entries.get(key);
    if (known && known.freshUntil > this.#now()) {
      this.#keepWarm(key, line, known);
      return known.tenant ? { kind: 'found', tenant: known.tenant, source: 'cache' } : { kind: 'unknown' };
    }
    let cause: unknown = new Error(`the tenant lookup took longer than ${Math.round(budgetMs)} ms`);
    try {
      const patience = known?.tenant ? Math.min(budgetMs, patienceWithLastKnownMs) : budgetMs;
      const tenant = await raceDeadline(this.#load(key, line), patience);
      if (tenant !== timedOut)
        return tenant ? { kind: 'found', tenant, source: 'store' } : { kind: 'unknown' };
      // A read that hangs may hang for ever: the next caller starts another.
      this.#loading.delete(key);
    } catch (error) {
      cause = error;
    }
    return known?.tenant
      ? { kind: 'found', tenant: known.tenant, source: 'last-known' }
      : { kind: 'unavailable', cause };
  }

  /**
   * The tenant of this id, undefined where there is none.
   * @throws Error where it cannot be read within two seconds and nothing was known from before.
   */
  async get(tenantId: string): Promise<Tenant | undefined> {
    const lookup = await this.find({ tenantId }, getMs);
    if (lookup.kind === 'unavailable') throw new Error('the tenant cannot be read', { cause: lookup.cause });
    return lookup.kind === 'found' ? lookup.tenant : undefined;
  }

  /** The most recently asked for is forgotten last. */
  #keepWarm(key: string, line: LineKeys, entry: Entry): void {
    const now = this.#now();
    if (now - entry.touchedAt >= touchEveryMs) {
      entry.touchedAt = now;
      this.#entries.delete(key);
      this.#entries.set(key, entry);
    }
    if (now < entry.renewFrom) return;
    entry.renewFrom = now + renewEveryMs;
    // While it fails, the entry serves until it is no longer fresh.
    this.#load(key, line).catch(() => {});
  }

  /** One read of the store at a time for each line, however many ask. */
  #load(key: string, line: LineKeys): Promise<Tenant | undefined> {
    const running = this.#loading.get(key);
    if (running !== undefined) return running;
    const before = this.#entries.get(key);
    const load = this.#store
      .findByLine(line)
      .then((tenant) => {
        // A read that hung and ends late must not replace what a newer one has found.
        if (this.#entries.get(key) !== before) return tenant;
        this.#remember(key, tenant);
        if (tenant) this.#remember(cacheKey({ tenantId: tenant.tenantId }), tenant);
        return tenant;
      })
      .finally(() => {
        if (this.#loading.get(key) === load) this.#loading.delete(key);
      });
    this.#loading.set(key, load);
    return load;
  }

  #remember(key: string, tenant: Tenant | undefined): void {
    const now = this.#now();
    const lifeMs = tenant ? this.#ttlMs : Math.min(this.#ttlMs, unknownTtlMs);
    this.#entries.delete(key);
    this.#entries.set(key, { tenant, freshUntil: now + lifeMs, renewFrom: now + lifeMs / 2, touchedAt: now });
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > mostEntries && oldest !== undefined) this.#entries.delete(oldest);
  }
}

function cacheKey(line: LineKeys): string {
  return line.tenantId === undefined ? routeKeys(line).join(' ') : `tenant:${line.tenantId}`;
}
