import { bound, type CacheUse, leastCachedTokens, noCacheUse } from './cacheUse.ts';
import { prefixHashes } from './prefixHashes.ts';

const mostRead = 80;
const mostWritten = 4;

export interface BreakpointCacheRequest {
  tokens: Int32Array;
  /** Ends of the marked blocks, ascending. */
  explicit: readonly number[];
  /** End of the latest user or tool message. */
  implicit: number | undefined;
  /** `prompt_cache_options.mode`; implicit where the request says nothing. */
  mode: 'implicit' | 'explicit';
  ttlMs: number;
  /** Whatever must be equal for reuse besides the tokens: key, effort, verbosity. */
  scope: string;
  /** Milliseconds of a clock that never goes back. */
  now: number;
}

/**
 * The prompt cache since GPT-5.6: prefixes are written and found exactly at breakpoints, at least 1,024 tokens in, with
 * no fallback to a longer or shorter unmarked prefix. Implicit mode adds one breakpoint after the latest user or tool
 * message and writes at most three marked ones besides; explicit mode writes at most four marked ones, and none
 * without marks. A written prefix lives for its time to live; reading does not prolong it.
 *
 * Where sources differ this cache is the dear one: live runs of August 2026 also read up to the end of the system
 * message in implicit mode (ax-llm/ax#573, BerriAI/litellm#37628), which nothing documents.
 */
export class BreakpointCache {
  /** Prefix to the time at which it ends. */
  readonly #entries = new Map<string, number>();

  use(request: BreakpointCacheRequest): CacheUse {
    const { readable, writable } = breakpoints(request);
    const names = prefixHashes(request.tokens, readable).map((hash) => `${request.scope}/${hash}`);
    const live = readable.filter((_, i) => (this.#entries.get(names[i] ?? '') ?? 0) > request.now);
    const missing = writable.filter((end) => !live.includes(end));
    for (const end of missing) this.#write(names[readable.indexOf(end)] ?? '', request);
    bound(this.#entries);
    const cached = live.at(-1) ?? 0;
    const furthest = missing.at(-1) ?? 0;
    return cached === 0 && furthest === 0 ? noCacheUse : { cached, written: Math.max(0, furthest - cached) };
  }

  #write(name: string, { now, ttlMs }: BreakpointCacheRequest): void {
    this.#entries.delete(name);
    this.#entries.set(name, now + ttlMs);
  }
}

/** Where a request may find a cached prefix, and where it leaves one; both ascend, and all that is left can be found. */
export function breakpoints({
  explicit,
  implicit,
  mode,
}: Pick<BreakpointCacheRequest, 'explicit' | 'implicit' | 'mode'>): {
  readable: number[];
  writable: number[];
} {
  const own = mode === 'implicit' && implicit !== undefined ? [implicit] : [];
  const order = (ends: readonly number[]) => [...new Set(ends)].sort((a, b) => a - b).filter(isLongEnough);
  return {
    readable: order([...explicit.slice(-(mostRead - own.length)), ...own]),
    writable: order([...explicit.slice(-(mostWritten - own.length)), ...own]),
  };
}

const isLongEnough = (end: number) => end >= leastCachedTokens;
