import type { SkippedFile } from '../sourceTree.ts';

const mostSkipped = 300;
const mostReasons = 20;

/** What of a tree is not audited: files of interest one by one, all others counted by reason. */
export class LeftOut {
  readonly #skipped: SkippedFile[] = [];
  readonly #counted = new Map<string, number>();
  #more = 0;

  skip(path: string, reason: string): void {
    if (this.#skipped.length < mostSkipped) this.#skipped.push({ path, reason });
    else this.#more++;
  }

  count(reason: string): void {
    this.#counted.set(reason, (this.#counted.get(reason) ?? 0) + 1);
  }

  /** Sorted by path; the last entry tells how many more there are. */
  get skipped(): SkippedFile[] {
    const sorted = this.#skipped.toSorted((a, b) => (a.path < b.path ? -1 : 1));
    return this.#more === 0
      ? sorted
      : [...sorted, { path: `(${this.#more} more)`, reason: 'left out for reasons like these' }];
  }

  /** The most frequent reasons, the rest as `other`. */
  get unselected(): Record<string, number> {
    const sorted = [...this.#counted].sort(([, a], [, b]) => b - a);
    const rest = sorted.slice(mostReasons).reduce((sum, [, count]) => sum + count, 0);
    return Object.fromEntries([
      ...sorted.slice(0, mostReasons),
      ...(rest > 0 ? [['other', rest] as const] : []),
    ]);
  }
}
