/**
 * `npm run build`: bundles `functions/index.ts` into `dist/`, the code that is deployed. Split, so that the OpenAI SDK and
 * identity load only when used; the tables that tokens are counted with lie beside the code. `@azure/functions-core` is
 * supplied by the host.
 */
import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type BuildOptions, build } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));

const banner =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/** How what is deployed is made out of its sources. */
export const bundleOptions = {
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  platform: 'node',
  target: 'node24',
  banner: { js: banner },
} satisfies BuildOptions;

/** Builds from source; milliseconds matter little, bytes and cold start do. */
export async function bundle(): Promise<void> {
  rmSync(`${root}dist`, { recursive: true, force: true });
  await build({
    absWorkingDir: root,
    entryPoints: { app: 'functions/index.ts' },
    outdir: 'dist',
    ...bundleOptions,
    external: ['@azure/functions-core'],
    // Their sources in place of their builds, whose private fields are WeakMaps and whose async functions are generators: V8
    // frees what a WeakMap holds only in a full collection, so every request was copied twice, in pauses of 6 to 10 ms.
    alias: {
      '@azure/functions': `${root}node_modules/@azure/functions/src/index.ts`,
      '@azure/functions-extensions-base': `${root}node_modules/@azure/functions-extensions-base/src/index.ts`,
    },
    legalComments: 'none',
    logLevel: 'warning',
  });
  cpSync(`${root}shared/audit/tokens/vocabulary`, `${root}dist/vocabulary`, { recursive: true });
  // The compile cache must be on before the first large module is read, hence an entry of its own.
  writeFileSync(
    `${root}dist/index.js`,
    "import { enableCompileCache } from 'node:module';\nenableCompileCache();\nawait import('./app.js');\n",
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await bundle();
