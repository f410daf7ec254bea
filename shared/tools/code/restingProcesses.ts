/** Processes without calls that are kept for the next one. Each takes some 20 MB, and an instance has few hundred. */
const most = 12;

/** Keeps few processes that have nothing to do: beyond that, the one that has rested longest ends. */
export class RestingProcesses {
  readonly #resting = new Map<object, () => void>();

  /** @param end ends its process; what is called again starts another. */
  rests(owner: object, end: () => void): void {
    this.#resting.delete(owner);
    this.#resting.set(owner, end);
    const [longest] = this.#resting;
    if (this.#resting.size <= most || !longest) return;
    this.#resting.delete(longest[0]);
    longest[1]();
  }

  /** It has work again, or has ended. */
  wakes(owner: object): void {
    this.#resting.delete(owner);
  }
}
