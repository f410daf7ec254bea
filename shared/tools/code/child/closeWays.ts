/* v8 ignore start -- runs in the tool's process */
import type { BuiltIn } from './builtIn.ts';

/**
 * A second wall, for code that has got hold of something of Node's after all: what leads to the network, to other
 * processes or to Node's insides throws. Files, processes, threads and addons are denied by `--permission`.
 */
export function closeWays(node: NodeJS.Process, builtIn: BuiltIn): void {
  function closed(): never {
    throw new Error('this way is closed to code tools');
  }
  function close(owner: unknown, names: Iterable<string>) {
    if ((typeof owner !== 'object' || owner === null) && typeof owner !== 'function') return;
    for (const name of names)
      if (Object.hasOwn(owner, name))
        Object.defineProperty(owner, name, { value: closed, writable: false, configurable: false });
  }
  const calls = (owner: object) =>
    Object.keys(Object.getOwnPropertyDescriptors(owner)).filter(
      (name) =>
        name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(owner, name)?.value === 'function',
    );

  const net = builtIn('node:net');
  const dgram = builtIn('node:dgram');
  const dns = builtIn('node:dns');
  const inspector = builtIn('node:inspector');
  const loader = builtIn('node:module');
  close(net.Socket.prototype, ['connect']);
  close(net.Server.prototype, ['listen', '_listen2']);
  close(net, ['connect', 'createConnection', 'createServer', '_createServerHandle']);
  close(dgram.Socket.prototype, calls(dgram.Socket.prototype));
  close(dgram, ['createSocket', '_createSocketHandle']);
  close(dns, calls(dns));
  close(dns.promises, calls(dns.promises));
  for (const resolver of [dns.Resolver, dns.promises.Resolver]) {
    close(resolver.prototype, calls(resolver.prototype));
    const base: unknown = Object.getPrototypeOf(resolver.prototype);
    if (base !== Object.prototype) close(base, calls(base as object));
  }
  close(inspector, ['open', 'close', 'waitForDebugger']);
  close(loader, ['_load', '_resolveFilename', 'createRequire', 'register', 'registerHooks']);
  close(
    node,
    `binding _linkedBinding dlopen getBuiltinModule kill _kill _debugProcess _debugEnd _startProfilerIdleNotifier
    reallyExit abort exit send disconnect chdir umask setuid setgid execve loadEnvFile openStdin
    setUncaughtExceptionCaptureCallback`.split(/\s+/),
  );
}
/* v8 ignore stop */
