/** The peers' packages, which nothing but the benches needs. */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** Installs the peers' packages into `bench/node_modules` where one of these is not there; false where that cannot be. */
export function installPackages(names: readonly string[]): boolean {
  const { resolve } = createRequire(import.meta.url);
  try {
    for (const name of names) resolve(name);
    return true;
  } catch {
    console.log('bench: installing the peers into bench/node_modules');
  }
  try {
    const cwd = fileURLToPath(new URL('.', import.meta.url));
    execFileSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd, stdio: ['ignore', 'ignore', 'inherit'] });
    return true;
  } catch {
    return false;
  }
}
