import { raceDeadline, timedOut } from '../../deadline.ts';
import { AppError } from '../../errors.ts';

/** How much text audits may hold at a time on an instance, and the setting that says so. */
export interface RoomSize {
  bytes: number;
  setting: string;
}

/** Longest wait for others to finish, in milliseconds. */
const longestWait = 5_000;
const retryAfter = 15;
/** Reserved in steps, so that a tree of many small files asks seldom. */
const step = 1024 * 1024;

const megabytes = (bytes: number) => Math.max(1, Math.round(bytes / (1024 * 1024)));

/** The share of one audit; disposing gives it back. */
export interface Share extends Disposable {
  /**
   * Makes sure that this many bytes are reserved in all. Gives a promise only where that takes waiting.
   * @throws AppError `payload-too-large` for what never fits, `at-capacity` for what does not fit now.
   */
  hold(bytes: number): Promise<void> | undefined;
  /** Gives back what is reserved beyond this, once it is known what it takes. */
  lower(bytes: number): void;
}

/**
 * Shares an instance's memory among the audits on it, so that many at a time cannot exhaust it together. What does not
 * fit waits for a while at its start. Later only the oldest waits and any other is refused at once: were several to
 * wait for each other's room, none would get on.
 */
export class MemoryRoom {
  #held = 0;
  /** Reserved bytes by share, oldest first. */
  readonly #shares = new Map<Share, number>();
  #freed = Promise.withResolvers<void>();

  /** Bytes reserved by all. */
  get held(): number {
    return this.#held;
  }

  /** A share of nothing yet. */
  open(size: RoomSize, waitMs = longestWait): Share {
    const share: Share = {
      hold: (bytes) => this.#hold(share, bytes, size, waitMs),
      lower: (bytes) => this.#lower(share, bytes),
      [Symbol.dispose]: () => this.#close(share),
    };
    this.#shares.set(share, 0);
    return share;
  }

  #hold(share: Share, bytes: number, size: RoomSize, waitMs: number): Promise<void> | undefined {
    const reserved = this.#shares.get(share) ?? 0;
    if (bytes <= reserved) return undefined;
    if (bytes > size.bytes)
      throw new AppError(
        'payload-too-large',
        `The source takes more than ${megabytes(size.bytes)} MB. Leave files out with exclude or .auditignore, or raise ${size.setting}.`,
      );
    const wanted = Math.min(size.bytes, Math.ceil(bytes / step) * step);
    if (this.#reserve(share, wanted, size)) return undefined;
    const isOldest = this.#shares.keys().next().value === share;
    if (reserved > 0 && !isOldest) throw this.#full();
    return this.#wait(share, wanted, size, waitMs);
  }

  #reserve(share: Share, wanted: number, size: RoomSize): boolean {
    const more = wanted - (this.#shares.get(share) ?? 0);
    if (this.#held + more > size.bytes) return false;
    this.#held += more;
    this.#shares.set(share, wanted);
    return true;
  }

  async #wait(share: Share, wanted: number, size: RoomSize, waitMs: number): Promise<void> {
    const deadline = performance.now() + waitMs;
    while (!this.#reserve(share, wanted, size)) {
      const left = deadline - performance.now();
      if (left <= 0 || (await raceDeadline(this.#freed.promise, left)) === timedOut) throw this.#full();
    }
  }

  #lower(share: Share, bytes: number): void {
    const reserved = this.#shares.get(share) ?? 0;
    const wanted = Math.ceil(bytes / step) * step;
    if (wanted >= reserved) return;
    this.#shares.set(share, wanted);
    this.#free(reserved - wanted);
  }

  #close(share: Share): void {
    const reserved = this.#shares.get(share);
    if (reserved === undefined) return;
    this.#shares.delete(share);
    this.#free(reserved);
  }

  #free(bytes: number): void {
    this.#held -= bytes;
    this.#freed.resolve();
    this.#freed = Promise.withResolvers<void>();
  }

  #full(): AppError {
    return new AppError(
      'at-capacity',
      `Other audits take up the memory of this instance. Send it again in ${retryAfter} seconds.`,
      { retryAfter },
    );
  }
}

/** Shared by all audits of this instance. */
export const instanceRoom = new MemoryRoom();
