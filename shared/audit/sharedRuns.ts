/** Lets identical work that is asked for at the same time be done once. */
export interface SharedRuns {
  /**
   * Runs the work of a key unless it is under way elsewhere; then waits for its answer, and takes over where whoever
   * had it has failed. `isOwn` tells whether it was done here.
   */
  run<T>(
    key: string,
    signal: AbortSignal,
    work: { answered: () => Promise<T | undefined>; run: () => Promise<T> },
  ): Promise<{ value: T; isOwn: boolean }>;
}

/** Shares runs within this instance alone. */
export class LocalRuns implements SharedRuns {
  readonly #running = new Map<string, Promise<unknown>>();

  async run<T>(
    key: string,
    _signal: AbortSignal,
    { run }: { answered: () => Promise<T | undefined>; run: () => Promise<T> },
  ): Promise<{ value: T; isOwn: boolean }> {
    const running = this.#running.get(key) as Promise<T> | undefined;
    if (running !== undefined) return { value: await running, isOwn: false };
    const started = run().finally(() => this.#running.delete(key));
    this.#running.set(key, started);
    return { value: await started, isOwn: true };
  }
}
