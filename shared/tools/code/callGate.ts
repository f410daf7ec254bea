/** Lets so many calls in at a time; so many more wait, first come first served. */
export class CallGate {
  readonly #atOnce: number;
  readonly #mostWaiting: number;
  #inside = 0;
  #waiting: (() => void)[] = [];

  constructor(atOnce: number, mostWaiting: number) {
    this.#atOnce = atOnce;
    this.#mostWaiting = mostWaiting;
  }

  /** Calls inside, and such as wait. */
  get size(): number {
    return this.#inside + this.#waiting.length;
  }

  /** `late` after `waitMs`; `full` where too many wait already. Whoever `entered` must {@link leave}. */
  async enter(waitMs: number): Promise<'entered' | 'late' | 'full'> {
    if (this.#inside < this.#atOnce) {
      this.#inside++;
      return 'entered';
    }
    if (this.#waiting.length >= this.#mostWaiting) return 'full';
    const turn = Promise.withResolvers<'entered' | 'late'>();
    const admit = () => turn.resolve('entered');
    this.#waiting.push(admit);
    const timer = setTimeout(() => {
      this.#waiting = this.#waiting.filter((other) => other !== admit);
      turn.resolve('late');
    }, waitMs).unref();
    const outcome = await turn.promise;
    clearTimeout(timer);
    return outcome;
  }

  /** The place goes to whoever waited longest. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#inside--;
  }
}
