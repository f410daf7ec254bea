/* v8 ignore start -- runs in the tool's process */
import type { FromChild } from '../frames.ts';

/** A tool's `run`, with its `this`. */
export type Run = (input: unknown, context: object) => unknown;

/** Runs a bundle's code, and reads what it exports once: what it says of itself later makes no difference. */
export function loadBundle(
  compile: typeof import('node:vm').compileFunction,
  require: (name: unknown) => unknown,
  code: string,
  most: number,
): { frame: FromChild; run?: Run } {
  const refused = (reason: 'syntax' | 'exports', detail: string): { frame: FromChild } => ({
    frame: { kind: 'not-loaded', reason, detail },
  });
  function lineOf(error: unknown): string {
    const stack = error instanceof Error ? error.stack : undefined;
    const line = typeof stack === 'string' ? /\btool\.js:(\d{1,7})\b/.exec(stack)?.[1] : undefined;
    return line === undefined ? '' : ` at line ${line}`;
  }
  let body: ReturnType<typeof compile>;
  try {
    body = compile(code, ['exports', 'require', 'module'], { filename: 'tool.js' });
  } catch (error) {
    return refused('syntax', `the bundle is not CommonJS that compiles${lineOf(error)}`);
  }
  try {
    const module: { exports: unknown } = { exports: {} };
    Reflect.apply(body, module.exports, [module.exports, require, module]);
    const exported = module.exports as Record<string, unknown>;
    const tool = (exported.default ?? exported) as Record<string, unknown>;
    const { name, description, inputSchema, outputSchema, sideEffect, selfTest, run } = tool;
    const { timeoutMs, tenants, hosts, secrets } = tool;
    if (typeof run !== 'function') return refused('exports', 'the bundle exports no function run');
    const wanted = { timeoutMs, tenants, hosts, secrets };
    const told = { name, description, inputSchema, outputSchema, sideEffect, selfTest, ...wanted };
    const definition = JSON.stringify(told);
    if (definition.length > most) return refused('exports', 'what the bundle exports is too large');
    return {
      frame: { kind: 'loaded', definition },
      run: (input, context) => Reflect.apply(run, tool, [input, context]) as unknown,
    };
  } catch (error) {
    return refused('exports', `the bundle threw${lineOf(error)} while it was loaded`);
  }
}
/* v8 ignore stop */
