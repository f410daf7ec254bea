/* v8 ignore start -- runs in the tool's process */
import type { BuiltIn } from './builtIn.ts';

/**
 * `require` for a bundle: the parts of Node that only compute, as frozen copies, made when asked for. Left out on
 * purpose: `events`, `stream` and the hashes of `crypto`, whose prototypes are those of `process`; `string_decoder`,
 * whose prototype reads the channel; `assert`, which reads files; `module`, `vm`.
 */
export function pureModules(
  builtIn: BuiltIn,
  plainCrypto: (builtIn: BuiltIn) => object,
): (name: unknown) => unknown {
  const members: Record<string, string> = {
    buffer: 'Buffer atob btoa constants kMaxLength isUtf8 isAscii',
    path: 'join normalize resolve relative isAbsolute dirname basename extname parse format sep delimiter posix win32',
    querystring: 'parse stringify escape unescape encode decode',
    url: 'URL URLSearchParams parse format resolve domainToASCII domainToUnicode fileURLToPath pathToFileURL',
    util: `format formatWithOptions inspect inherits isDeepStrictEqual promisify callbackify deprecate types
      stripVTControlCharacters TextEncoder TextDecoder`,
  };
  function some(name: string): object {
    const whole = builtIn(`node:${name}`) as Record<string, unknown>;
    const kept = (members[name] ?? '').split(/\s+/).map((member) => [member, whole[member]] as const);
    return Object.freeze(Object.fromEntries(kept));
  }
  const made = new Map<string, object>();
  return (given) => {
    const name = typeof given === 'string' ? given.replace(/^node:/, '') : '';
    if (name !== 'crypto' && !Object.hasOwn(members, name))
      throw new Error('this module is not there for code tools');
    const found = made.get(name) ?? (name === 'crypto' ? plainCrypto(builtIn) : some(name));
    made.set(name, found);
    return found;
  };
}
/* v8 ignore stop */
