/** What the prompt cache did for one request, in tokens of its prompt. `cached + written` never exceeds the prompt. */
export interface CacheUse {
  cached: number;
  /** Paid for since GPT-5.6; always 0 before. */
  written: number;
}

export const noCacheUse: CacheUse = { cached: 0, written: 0 };

/** Prompts and prefixes below this many tokens are never cached, by either contract. */
export const leastCachedTokens = 1_024;

/** Remembered prefixes of one cache; beyond, the oldest are forgotten. */
const mostEntries = 200_000;

/** Forgets the oldest entries of a map in order of insertion. */
export function bound(entries: Map<string, unknown>): void {
  for (const key of entries.keys()) {
    if (entries.size <= mostEntries) return;
    entries.delete(key);
  }
}
