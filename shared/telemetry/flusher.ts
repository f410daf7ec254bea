import { raceDeadline } from '../deadline.ts';

/** Quiet after which what was recorded is sent. While there is none the exporters send by their own clocks. */
const quietMs = 250;

/** Decides when to send: callers never wait longer than they said, and never start a second sending beside one. */
export class Flusher {
  readonly #send: () => Promise<void>;
  readonly #now: () => number;
  #sending: Promise<void> | undefined;
  #planned: NodeJS.Timeout | undefined;
  #lastAt = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a clock that only goes forward. */
  constructor(send: () => Promise<void>, now: () => number) {
    this.#send = send;
    this.#now = now;
  }

  /** Sends, or joins a sending under way, and waits for at most `boundMs`. Never rejects. */
  async flush(boundMs: number): Promise<void> {
    await raceDeadline(this.#run(), boundMs);
  }

  /** Sends without being waited for, a quarter of a second after the last call: under load nobody pays for sending early. */
  flushSoon(): void {
    this.#lastAt = this.#now();
    this.#planned ??= setTimeout(() => this.#whenQuiet(), quietMs).unref();
  }

  /** Forgets a planned sending. */
  stop(): void {
    clearTimeout(this.#planned);
    this.#planned = undefined;
  }

  #whenQuiet(): void {
    this.#planned = undefined;
    const leftMs = this.#lastAt + quietMs - this.#now();
    if (leftMs <= 0) void this.#run();
    else this.#planned = setTimeout(() => this.#whenQuiet(), leftMs).unref();
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
