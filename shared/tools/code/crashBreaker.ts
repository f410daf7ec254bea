const patience = 5;
const windowMs = 60_000;
const restMs = 30_000;

/** Keeps a tool that crashes five times within a minute from being started for 30 s. Pure: time comes in, ms. */
export class CrashBreaker {
  #crashes: number[] = [];
  #restsUntil = Number.NEGATIVE_INFINITY;

  crashed(now: number): void {
    this.#crashes = [...this.#crashes.filter((at) => now - at < windowMs), now];
    if (this.#crashes.length < patience) return;
    this.#crashes = [];
    this.#restsUntil = now + restMs;
  }

  isResting(now: number): boolean {
    return now < this.#restsUntil;
  }
}
