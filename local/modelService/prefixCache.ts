import { bound, type CacheUse, leastCachedTokens, noCacheUse } from './cacheUse.ts';
import { prefixHashes } from './prefixHashes.ts';

/** Cached lengths grow in steps of this many tokens. */
const step = 128;
const minute = 60_000;
const idleMs = 5 * minute;
const longestMs = 60 * minute;
const extendedMs = 24 * 60 * minute;
/** About this many requests a minute with one beginning and key stay on one machine; more go to another. */
const requestsPerMachine = 15;
/** The beginning that decides, with the key, which machine a request goes to. */
const routedTokens = 256;

export interface PrefixCacheRequest {
  tokens: Int32Array;
  /** `prompt_cache_key`. */
  key: string | undefined;
  /** `prompt_cache_retention: '24h'`. */
  extended: boolean;
  /** Milliseconds of a clock that never goes back. */
  now: number;
}

interface Entry {
  written: number;
  used: number;
  extended: boolean;
}

/**
 * The prompt cache of models before GPT-5.6: the longest prefix seen lately, from 1,024 tokens in steps of 128, on the
 * machine that the first 256 tokens and the key lead to. Entries live 5 minutes without use (the service says 5 to 10)
 * and an hour at most, or 24 hours where asked for. Writing is free.
 */
export class PrefixCache {
  readonly #entries = new Map<string, Entry>();
  readonly #arrivals = new Map<string, number[]>();

  use({ tokens, key, extended, now }: PrefixCacheRequest): CacheUse {
    if (tokens.length < leastCachedTokens) return noCacheUse;
    const machine = this.#route(tokens, key, now);
    const ends = cacheableEnds(tokens.length);
    const names = prefixHashes(tokens, ends).map((hash) => `${machine}/${hash}`);
    const hits = ends.filter((_, i) => isLive(this.#entries.get(names[i] ?? ''), now));
    for (const name of names) this.#keep(name, extended, now);
    bound(this.#entries);
    return { cached: hits.at(-1) ?? 0, written: 0 };
  }

  #keep(name: string, extended: boolean, now: number): void {
    const known = this.#entries.get(name);
    const written = known && isLive(known, now) ? known.written : now;
    this.#entries.delete(name);
    this.#entries.set(name, { written, used: now, extended: extended || known?.extended === true });
  }

  #route(tokens: Int32Array, key: string | undefined, now: number): string {
    const route = `${JSON.stringify(key)}/${prefixHashes(tokens, [routedTokens])[0]}`;
    const recent = (this.#arrivals.get(route) ?? []).filter((at) => now - at < minute);
    this.#arrivals.delete(route);
    this.#arrivals.set(route, [...recent, now]);
    bound(this.#arrivals);
    return `${route}/${Math.floor(recent.length / requestsPerMachine)}`;
  }
}

/** Lengths a prompt of this many tokens can be cached at, ascending. */
export function cacheableEnds(length: number): number[] {
  const steps = Math.floor((length - leastCachedTokens) / step);
  return Array.from({ length: Math.max(0, steps + 1) }, (_, i) => leastCachedTokens + i * step);
}

function isLive(entry: Entry | undefined, now: number): boolean {
  if (!entry) return false;
  if (entry.extended) return now - entry.used < extendedMs;
  return now - entry.used < idleMs && now - entry.written < longestMs;
}
