/** Between being told of a tool and calling it lies less than this. */
const graceMs = 1_000;

/** Counts the calls of a version, so that it can be ended when nobody uses it any more. */
export class Drain {
  readonly #end: () => void;
  #underWay = 0;
  #isOver = false;

  constructor(end: () => void) {
    this.#end = end;
  }

  async during<T>(work: () => Promise<T>): Promise<T> {
    this.#underWay++;
    try {
      return await work();
    } finally {
      this.#underWay--;
      this.#endIfDone();
    }
  }

  /** Ends it after the last call; calls that begin within a second still count. */
  close(): void {
    setTimeout(() => {
      this.#isOver = true;
      this.#endIfDone();
    }, graceMs).unref();
  }

  #endIfDone(): void {
    if (this.#isOver && this.#underWay === 0) this.#end();
  }
}
