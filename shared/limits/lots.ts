/** Micro-tokens reserved in the store and not spent yet. */
export interface Lot {
  left: number;
  /** When they were reserved, counted from before the write that did it. */
  reservedAt: number;
  /** They may be spent until then and are dropped afterwards. */
  expiresAt: number;
  epoch: number;
}

/** What a take took out of lots; enough to put it back where it came from. */
export type Piece = Readonly<Lot>;

/** Reserved tokens in the order they expire. */
export class Lots {
  #lots: Lot[] = [];
  #held = 0;
  /** The bucket's, as far as it is known. */
  #epoch: number | undefined;

  /** Micro-tokens that may still be spent at `now`. */
  held(now: number): number {
    this.#dropExpired(now);
    return this.#held;
  }

  /** Takes `amount`, soonest to expire first; undefined, and nothing taken, where less is held. */
  take(amount: number, now: number): Piece[] | undefined {
    this.#dropExpired(now);
    if (this.#held < amount) return undefined;
    this.#held -= amount;
    const [first] = this.#lots;
    if (first && first.left > amount) {
      first.left -= amount;
      return [{ ...first, left: amount }];
    }
    return this.#takeAcross(amount);
  }

  #takeAcross(amount: number): Piece[] {
    const pieces: Piece[] = [];
    for (let missing = amount; missing > 0; ) {
      const lot = this.#lots[0];
      if (!lot) break;
      const left = Math.min(missing, lot.left);
      pieces.push({ ...lot, left });
      missing -= left;
      lot.left -= left;
      if (lot.left === 0) this.#lots.shift();
    }
    return pieces;
  }

  /** Adds reserved tokens, or puts back a piece: it joins what expires with it. Void ones are dropped. */
  add(lot: Piece): void {
    if (lot.left <= 0 || lot.epoch !== (this.#epoch ?? lot.epoch)) return;
    this.#held += lot.left;
    const same = this.#lots.find(
      ({ expiresAt, epoch }) => expiresAt === lot.expiresAt && epoch === lot.epoch,
    );
    if (same) {
      same.left += lot.left;
      return;
    }
    this.#lots.push({ ...lot });
    this.#lots.sort((a, b) => a.expiresAt - b.expiresAt);
  }

  /** Tokens of any other epoch are void, also those that are put back later. */
  keepEpoch(epoch: number): void {
    this.#epoch = epoch;
    this.#keep((lot) => lot.epoch === epoch);
  }

  clear(): void {
    this.#keep(() => false);
  }

  /** All there was is void, also what is put back later; of which epoch the next will be is not known yet. */
  forget(): void {
    this.keepEpoch(Number.NaN);
  }

  #dropExpired(now: number): void {
    const [first] = this.#lots;
    if (first && first.expiresAt <= now) this.#keep((lot) => lot.expiresAt > now);
  }

  #keep(wanted: (lot: Lot) => boolean): void {
    this.#lots = this.#lots.filter(wanted);
    this.#held = this.#lots.reduce((sum, { left }) => sum + left, 0);
  }
}
