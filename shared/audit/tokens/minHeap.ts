/** A binary heap of numbers with the least on top, of a fixed capacity. */
export class MinHeap {
  readonly #items: Float64Array;
  #size = 0;

  /** @param capacity how many there may be at a time. */
  constructor(capacity: number) {
    this.#items = new Float64Array(capacity);
  }

  get size(): number {
    return this.#size;
  }

  push(item: number): void {
    const items = this.#items;
    let at = this.#size++;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if ((items[above] as number) <= item) break;
      items[at] = items[above] as number;
      at = above;
    }
    items[at] = item;
  }

  /** Takes the least; the heap is not empty. */
  pop(): number {
    const top = this.#items[0] as number;
    this.#size--;
    if (this.#size > 0) this.#sink(0, this.#items[this.#size] as number);
    return top;
  }

  #sink(from: number, item: number): void {
    const items = this.#items;
    const size = this.#size;
    let at = from;
    for (;;) {
      let below = 2 * at + 1;
      if (below >= size) break;
      if (below + 1 < size && (items[below + 1] as number) < (items[below] as number)) below++;
      if ((items[below] as number) >= item) break;
      items[at] = items[below] as number;
      at = below;
    }
    items[at] = item;
  }
}
