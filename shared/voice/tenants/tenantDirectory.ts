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
}

const mostEntries = 10_000;

/** Finds the tenant of a line: from memory while fresh, else from the store within a budget, else as last known. */
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

  /** What is known without asking the store. */
  peek(line: LineKeys): Tenant | undefined {
    return this.#entries.get(cacheKey(line))?.tenant;
  }

  async find(line: LineKeys, budgetMs: number): Promise<Lookup> {
    const key = cacheKey(line);
    if (key === '') return { kind: 'unknown' };
    const known = this.#entries.get(key);
    if (known && known.freshUntil > this.#now()) {
      return known.tenant ? { kind: 'found', tenant: known.tenant, source: 'cache' } : { kind: 'unknown' };
    }
    let cause: unknown = new Error(`the tenant lookup took longer than ${Math.round(budgetMs)} ms`);
    try {
      const tenant = await raceDeadline(this.#load(key, line), budgetMs);
      if (tenant !== timedOut)
        return tenant ? { kind: 'found', tenant, source: 'store' } : { kind: 'unknown' };
    } catch (error) {
      cause = error;
    }
    return known?.tenant
      ? { kind: 'found', tenant: known.tenant, source: 'last-known' }
      : { kind: 'unavailable', cause };
  }

  /** One read of the store at a time for each line, however many ask. */
  #load(key: string, line: LineKeys): Promise<Tenant | undefined> {
    const running = this.#loading.get(key);
    if (running) return running;
    const load = this.#store
      .findByLine(line)
      .then((tenant) => {
        this.#remember(key, tenant);
        return tenant;
      })
      .finally(() => this.#loading.delete(key));
    this.#loading.set(key, load);
    return load;
  }

  #remember(key: string, tenant: Tenant | undefined): void {
    this.#entries.delete(key);
    this.#entries.set(key, { tenant, freshUntil: this.#now() + this.#ttlMs });
    const oldest = this.#entries.keys().next().value;
    if (this.#entries.size > mostEntries && oldest !== undefined) this.#entries.delete(oldest);
  }
}

function cacheKey(line: LineKeys): string {
  return routeKeys(line).join(' ');
}
