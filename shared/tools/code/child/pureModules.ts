/* v8 ignore start -- runs in the tool's process */
/**
 * `require` for a bundle: the parts of Node that only compute, as frozen copies. Left out on purpose: `events`,
 * `stream` and the hashes of `crypto`, whose prototypes are those of `process`; `string_decoder`, whose prototype reads
 * the channel; `assert`, which reads files; `module`, `vm`.
 */
export function pureModules(require: NodeJS.Require): (name: unknown) => unknown {
  const crypto = require('node:crypto') as typeof import('node:crypto');

  /** A hash without the stream that Node's is. */
  function plainHash(hash: import('node:crypto').Hash | import('node:crypto').Hmac) {
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
  function some(name: string, members: string): object {
    const whole = require(`node:${name}`) as Record<string, unknown>;
    return Object.freeze(Object.fromEntries(members.split(' ').map((member) => [member, whole[member]])));
  }
  const modules = new Map<unknown, object>([
    ['buffer', some('buffer', 'Buffer atob btoa constants kMaxLength isUtf8 isAscii')],
    [
      'path',
      some(
        'path',
        'join normalize resolve relative isAbsolute dirname basename extname parse format sep delimiter posix win32',
      ),
    ],
    ['querystring', some('querystring', 'parse stringify escape unescape encode decode')],
    [
      'url',
      some(
        'url',
        'URL URLSearchParams parse format resolve domainToASCII domainToUnicode fileURLToPath pathToFileURL',
      ),
    ],
    [
      'util',
      some(
        'util',
        'format formatWithOptions inspect inherits isDeepStrictEqual promisify callbackify deprecate types stripVTControlCharacters TextEncoder TextDecoder',
      ),
    ],
    [
      'crypto',
      Object.freeze({
        createHash: (algorithm: string) => plainHash(crypto.createHash(algorithm)),
        createHmac: (algorithm: string, key: string | Uint8Array) =>
          plainHash(crypto.createHmac(algorithm, key)),
        hash: crypto.hash,
        randomBytes: (size: number) => crypto.randomBytes(size),
        randomInt: (least: number, most: number) => crypto.randomInt(least, most),
        randomUUID: () => crypto.randomUUID(),
        timingSafeEqual: crypto.timingSafeEqual,
        webcrypto: globalThis.crypto,
      }),
    ],
  ]);
  return (name) => {
    const found = modules.get(typeof name === 'string' ? name.replace(/^node:/, '') : name);
    if (found) return found;
    throw new Error('this module is not there for code tools');
  };
}
/* v8 ignore stop */
