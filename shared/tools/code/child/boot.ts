/* v8 ignore start -- runs in the tool's process */
import type { ToChild } from '../frames.ts';
import type { ChildLimits } from '../limits.ts';
import type { BuiltIn } from './builtIn.ts';
import type { Parts } from './parts.ts';

/** Builds the room that a bundle runs in, shuts the doors, then waits for what there is to do. */
export function boot(parts: Parts, node: NodeJS.Process, limits: ChildLimits): void {
  const builtIn: BuiltIn = node.getBuiltinModule.bind(node);
  const { compileFunction } = builtIn('node:vm');
  const send = node.send?.bind(node);
  const { reallyExit } = node as unknown as { reallyExit(code: number): never };
  const later = globalThis.setImmediate;
  const modules = parts.pureModules(builtIn, parts.plainCrypto);
  const timers = parts.makeTimers();
  node.on('disconnect', () => reallyExit(0));
  parts.closeWays(node, builtIn);
  const handle = parts.serve({
    limits,
    makeContext: parts.makeContext,
    say: (frame) => void send?.(JSON.stringify(frame)),
    later: (work) => void later(work),
    load(code) {
      // Not before: Node puts a `module` of its own back once this script has run.
      parts.keepGlobals(timers);
      return parts.loadBundle(compileFunction, modules, code, limits.definition);
    },
  });
  node.on('message', (text: string) => handle(JSON.parse(text) as ToChild));
}
/* v8 ignore stop */
