/**
 * Jobs that an instance works at at a time. The host would give it more, and their trees and token counts would take
 * the room and the time of whatever else it answers.
 */
const mostAtOnce = 2;

/** Places for jobs on this instance. */
export class JobSlots {
  #taken = 0;

  /** Gives what leaves the place again; undefined where there is none. */
  take(): (() => void) | undefined {
    if (this.#taken >= mostAtOnce) return undefined;
    this.#taken++;
    return () => {
      this.#taken--;
    };
  }
}
