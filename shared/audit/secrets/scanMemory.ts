import type { Hit } from './rule.ts';

/** About a hundred bytes each. */
const mostTexts = 50_000;
const mostHits = 100_000;

type Rounds = readonly (readonly Hit[])[];

const none: Rounds = [];

/** What was found in texts scanned lately, by the hash of their content: a warm instance scans only what has changed. */
export class ScanMemory {
  readonly #known = new Map<string, Rounds>();
  #hits = 0;

  get(key: string): Rounds | undefined {
    const found = this.#known.get(key);
    if (found === undefined) return undefined;
    this.#known.delete(key);
    this.#known.set(key, found);
    return found;
  }

  put(key: string, rounds: Rounds): void {
    this.#known.set(key, rounds.length === 0 ? none : rounds);
    this.#hits += countHits(rounds);
    for (const [oldest, forgotten] of this.#known) {
      if (this.#known.size <= mostTexts && this.#hits <= mostHits) return;
      this.#known.delete(oldest);
      this.#hits -= countHits(forgotten);
    }
  }
}

function countHits(rounds: Rounds): number {
  return rounds.reduce((sum, hits) => sum + hits.length, 0);
}
