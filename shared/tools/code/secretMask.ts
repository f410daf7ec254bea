const mask = '[secret]';

/** Remembers which secrets were handed out, and takes them out of what is written down. */
export class SecretMask {
  readonly #values = new Set<string>();

  add(value: string): void {
    if (value !== '') this.#values.add(value);
  }

  text(text: string): string {
    let masked = text;
    for (const value of this.#values) masked = masked.replaceAll(value, mask);
    return masked;
  }

  /** A JSON value with every secret replaced, in its keys as well. */
  value(given: unknown): unknown {
    if (typeof given === 'string') return this.text(given);
    if (Array.isArray(given)) return given.map((one) => this.value(one));
    if (typeof given !== 'object' || given === null) {
      const told = this.text(String(given));
      return told === String(given) ? given : told;
    }
    return Object.fromEntries(Object.entries(given).map(([key, one]) => [this.text(key), this.value(one)]));
  }
}
