/**
 * Hash of a sequence of bytes or code units: h = h * factor + value + 1, in 32 bits. Of ASCII text both are the same, and
 * the hash of a range follows from the hashes of what precedes its two ends.
 */
export const factor = 0x01000193;

/** Spreads a hash over all bits, so that any of them can address a table. */
export function spread(hash: number): number {
  const mixed = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return mixed ^ (mixed >>> 13);
}

/** The hash of all before each end of `bytes[0..length)`, written to `hashes[0..length]`. */
export function hashPrefixes(bytes: Uint8Array, length: number, hashes: Int32Array): void {
  let hash = 0;
  hashes[0] = 0;
  for (let i = 0; i < length; i++) {
    hash = (Math.imul(hash, factor) + (bytes[i] as number) + 1) | 0;
    hashes[i + 1] = hash;
  }
}
