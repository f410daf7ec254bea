/** One buffer for one file after the other, so that reading many leaves nothing behind. */
export class Scratch {
  #bytes = Buffer.alloc(64 * 1024);

  /** All bytes of a stream, until the next call. */
  async collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
    let length = 0;
    for await (const piece of pieces) {
      if (length + piece.length > this.#bytes.length) this.#grow(length, length + piece.length);
      this.#bytes.set(piece, length);
      length += piece.length;
    }
    return this.#bytes.subarray(0, length);
  }

  #grow(used: number, needed: number): void {
    const larger = Buffer.alloc(Math.max(needed, this.#bytes.length * 2));
    this.#bytes.copy(larger, 0, 0, used);
    this.#bytes = larger;
  }
}
