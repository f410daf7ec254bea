import { BreakpointCache } from './breakpointCache.ts';
import { type CacheUse, noCacheUse } from './cacheUse.ts';
import type { ModelRequest } from './modelRequest.ts';
import type { ModelFacts } from './models.ts';
import { PrefixCache } from './prefixCache.ts';
import type { PromptLayout } from './promptLayout.ts';
import { type RateLimits, RateWindow } from './rateWindow.ts';

/** One deployment while the service runs: its model, its limits and its prompt cache, which no other shares. */
export class Deployment {
  readonly name: string;
  readonly facts: ModelFacts;
  readonly limits: RateLimits;
  readonly window: RateWindow;
  readonly #prefixes = new PrefixCache();
  readonly #breakpoints = new BreakpointCache();

  constructor(name: string, facts: ModelFacts, limits: RateLimits) {
    this.name = name;
    this.facts = facts;
    this.limits = limits;
    this.window = new RateWindow(limits);
  }

  /** What the prompt cache does for a request that is answered now. */
  cacheUse(request: ModelRequest, layout: PromptLayout, now: number): CacheUse {
    const { cacheKey: key, cacheOptions, effort, verbosity } = request;
    if (this.facts.cache === 'none') return noCacheUse;
    if (this.facts.cache === 'prefix')
      return this.#prefixes.use({
        tokens: layout.tokens,
        key,
        extended: request.cacheRetention === '24h',
        now,
      });
    const scope = JSON.stringify([key, effort, verbosity]);
    const ttlMs = (cacheOptions?.ttl === '12h' ? 720 : 30) * 60_000;
    return this.#breakpoints.use({ ...layout, mode: cacheOptions?.mode ?? 'implicit', ttlMs, scope, now });
  }
}
