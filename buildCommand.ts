/** `npm run build:command`: makes `bin/gatehouse-audit`, one file without dependencies, out of `cli/`. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('.', import.meta.url));
export const commandFile = `${root}bin/gatehouse-audit`;

// Node takes a file without an extension for CommonJS or for a module, as the package around it says: this one is both.
const banner = `#!/usr/bin/env node
// gatehouse-audit: audits source against its High-Level Design. Made of cli/ by "npm run build:command"; do not edit.
var require = typeof require === "function" ? require : process.getBuiltinModule;`;

/** The text of the command, for Node 20 and later. */
export async function buildCommand(): Promise<string> {
  const { version } = JSON.parse(readFileSync(`${root}package.json`, 'utf8')) as { version: string };
  const { outputFiles } = await build({
    absWorkingDir: root,
    entryPoints: ['cli/main.ts'],
    bundle: true,
    write: false,
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    charset: 'utf8',
    banner: { js: banner },
    define: { commandVersion: JSON.stringify(version) },
    legalComments: 'none',
    logLevel: 'warning',
  });
  return outputFiles[0]?.text ?? '';
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(commandFile, await buildCommand());
  chmodSync(commandFile, 0o755);
}
