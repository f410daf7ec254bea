/* v8 ignore start -- runs in the tool's process */
import type { BuiltIn } from './builtIn.ts';

type Hash = import('node:crypto').Hash | import('node:crypto').Hmac;

/** Hashes and random values of `node:crypto`, without the streams that Node's hashes are. */
export function plainCrypto(builtIn: BuiltIn): object {
  const crypto = builtIn('node:crypto');

  function plainHash(hash: Hash) {
    const plain = {
      update(data: string | Uint8Array, encoding?: import('node:crypto').Encoding) {
        if (typeof data === 'string' && encoding !== undefined) hash.update(data, encoding);
        else hash.update(data);
        return plain;
      },
      digest: (encoding?: import('node:crypto').BinaryToTextEncoding) =>
        encoding === undefined ? hash.digest() : hash.digest(encoding),
    };
    return Object.freeze(plain);
  }
  return Object.freeze({
    createHash: (algorithm: string) => plainHash(crypto.createHash(algorithm)),
    createHmac: (algorithm: string, key: string | Uint8Array) => plainHash(crypto.createHmac(algorithm, key)),
    hash: crypto.hash,
    randomBytes: (size: number) => crypto.randomBytes(size),
    randomInt: (least: number, most: number) => crypto.randomInt(least, most),
    randomUUID: () => crypto.randomUUID(),
    timingSafeEqual: crypto.timingSafeEqual,
    webcrypto: globalThis.crypto,
  });
}
/* v8 ignore stop */
