import { raceDeadline } from '../deadline.ts';

const pauseMs = 1000;

/** Decides when to send: callers never wait longer than they said, and never start a second sending beside one. */
export class Flusher {
  readonly #send: () => Promise<void>;
  readonly #now: () => number;
  #sending: Promise<void> | undefined;
  #planned: NodeJS.Timeout | undefined;
  #nextAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a clock that only goes forward. */
  constructor(send: () => Promise<void>, now: () => number) {
    this.#send = send;
    this.#now = now;
  }

  /** Sends, or joins a sending under way, and waits for at most `boundMs`. Never rejects. */
  async flush(boundMs: number): Promise<void> {
    await raceDeadline(this.#run(), boundMs);
  }

  /** Sends without being waited for, at most once a second; the last call of a second is served at its end. */
  flushSoon(): void {
    if (this.#planned) return;
    const waitMs = this.#nextAt - this.#now();
    if (waitMs > 0) this.#planned = setTimeout(() => this.#start(), waitMs).unref();
    else this.#start();
  }

  /** Forgets a planned sending. */
  stop(): void {
    clearTimeout(this.#planned);
    this.#planned = undefined;
  }

  #start(): void {
    this.stop();
    this.#nextAt = this.#now() + pauseMs;
    void this.#run();
  }

  #run(): Promise<void> {
    this.#sending ??= this.#attempt().finally(() => {
      this.#sending = undefined;
    });
    return this.#sending;
  }

  async #attempt(): Promise<void> {
    try {
      await this.#send();
    } catch {
      // What could not be sent is lost; the exporters have said so to the diagnostics.
    }
  }
}
