import { globSync, readFileSync } from 'node:fs';
import Module, { createRequire, registerHooks } from 'node:module';
import { Server } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type CoreState, createCoreApi } from './coreApi.ts';

/**
 * Makes `require('@azure/functions-core')` answer with our core api, by replacing `Module.prototype.require` as the
 * genuine worker does. An app folder without installed packages gets this project's `@azure/functions`.
 */
function supplyCoreApi(state: CoreState): void {
  const api = createCoreApi(state);
  const original = Module.prototype.require;
  Module.prototype.require = Object.assign(function (this: NodeJS.Module, id: string) {
    return id === '@azure/functions-core' ? api : Reflect.apply(original, this, [id]);
  }, original);
  const ours = createRequire(import.meta.url);
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (specifier !== '@azure/functions') throw error;
        return { url: pathToFileURL(ours.resolve(specifier)).href, shortCircuit: true };
      }
    },
  });
}

/** Files that `main` in package.json names, which may be a glob. */
function entryPoints(dir: string): string[] {
  const { main } = JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8')) as { main?: string };
  if (!main)
    throw new Error(
      `${join(dir, 'package.json')} has no "main"; it names the app's entry points, for example "dist/index.js"`,
    );
  const files = globSync(main, { cwd: dir }).sort();
  if (files.length === 0)
    throw new Error(
      `"main" (${main}) of ${join(dir, 'package.json')} matches no file; has the app been built?`,
    );
  return files.map((file) => join(dir, file));
}

/**
 * Under HTTP streaming the library opens a server of its own on every interface. On a developer's machine nobody else
 * should reach it, so servers that name no address while `work` runs listen on loopback.
 */
async function onLoopback<T>(work: () => Promise<T>): Promise<T> {
  const { listen } = Server.prototype;
  Server.prototype.listen = function (this: Server, ...args: unknown[]) {
    const bare = args.length <= 1 && (args[0] === undefined || typeof args[0] === 'function');
    return Reflect.apply(listen, this, bare ? [0, '127.0.0.1', ...args] : args) as Server;
  } as typeof listen;
  try {
    return await work();
  } finally {
    Server.prototype.listen = listen;
  }
}

/**
 * Loads an app's entry points in this process and runs its `appStart` hooks. As under the genuine host, an entry
 * point that throws leaves no function loaded; the reason is returned, not thrown.
 * @returns where streamed requests go (undefined in RPC mode), and the reason why nothing was loaded, if so.
 */
export async function loadApp(
  dir: string,
  state: CoreState,
): Promise<{ httpUri: URL | undefined; failure: unknown }> {
  supplyCoreApi(state);
  let failure: unknown;
  try {
    for (const file of entryPoints(dir)) await import(pathToFileURL(file).href);
    await state.runHooks('appStart', {
      hookData: {},
      appHookData: state.appHookData,
      functionAppDirectory: dir,
    });
  } catch (error) {
    failure = error;
    state.functions.clear();
  }
  const capabilities = await onLoopback(async () => (await state.model?.getCapabilities?.({})) ?? {});
  return { httpUri: capabilities.HttpUri ? new URL(capabilities.HttpUri) : undefined, failure };
}
