/** The running exporters of one destination. */
export interface Pipeline {
  /** Sends what has been recorded so far; may reject, and takes as long as the exporters' own timeouts allow. */
  flush(): Promise<void>;
  /** Sends the rest and ends the exporters; may reject. */
  shutdown(): Promise<void>;
}

/** Waits for all of several, whether they fail or not. */
export async function settleAll(work: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(work);
}
