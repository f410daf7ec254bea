import { setImmediate as nextTurn } from 'node:timers/promises';

/** Longest stretch of computing before other work on the same thread, a caller on the line perhaps, gets its turn. */
const longestTurnMs = 5;

/** Breaks up long computations: call {@link Turns.giveWay} between steps. */
export class Turns {
  readonly #signal: AbortSignal | undefined;
  #began = performance.now();

  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /** Lets others run once 5 ms are used up. @throws the signal's reason once it is aborted. */
  async giveWay(): Promise<void> {
    if (performance.now() - this.#began < longestTurnMs) return;
    await nextTurn();
    this.#signal?.throwIfAborted();
    this.#began = performance.now();
  }
}
