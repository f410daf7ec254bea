import { createHash } from 'node:crypto';

/** One hash for each of the prefixes that end at `ends`, which ascend. Equal prefixes have equal hashes. */
export function prefixHashes(tokens: Int32Array, ends: readonly number[]): string[] {
  const running = createHash('sha256');
  let from = 0;
  return ends.map((end) => {
    const piece = tokens.subarray(from, end);
    running.update(new Uint8Array(piece.buffer, piece.byteOffset, piece.byteLength));
    from = end;
    return running.copy().digest('base64url');
  });
}
