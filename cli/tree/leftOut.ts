import { whole } from '../output/numbers.ts';

const mostExamples = 200;

/** Files that are not sent, counted by the reason. */
export class LeftOut {
  readonly #reasons = new Map<string, { count: number; paths: string[] }>();

  note(reason: string, path: string): void {
    const known = this.#reasons.get(reason) ?? { count: 0, paths: [] };
    known.count++;
    if (known.paths.length < mostExamples) known.paths.push(path);
    this.#reasons.set(reason, known);
  }

  /** `symbolic links (3)`, most frequent first. */
  get summary(): string[] {
    return this.#sorted().map(([reason, { count }]) => `${reason} (${whole(count)})`);
  }

  /** Reason and path of each, some hundreds of a reason at most. */
  get paths(): { reason: string; path: string }[] {
    return this.#sorted().flatMap(([reason, { paths }]) => paths.map((path) => ({ reason, path })));
  }

  #sorted() {
    return [...this.#reasons].sort(([one, a], [other, b]) => b.count - a.count || (one < other ? -1 : 1));
  }
}
