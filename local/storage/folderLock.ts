import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../isAlive.ts';

/** How long a process that is just ending is waited for. */
const patienceMs = 2_000;

export interface FolderLock {
  /** Names another process as the holder, so that the lock lives exactly as long as that one. */
  passTo(pid: number): void;
  release(): void;
}

/** The process that holds the lock, if it is alive. */
function holderOf(file: string): number | undefined {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    return pid > 0 && isAlive(pid) ? pid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Keeps a data folder to one process. A lock left by a process that is gone is taken over.
 * @throws Error that names the process holding it and says what to do.
 */
export async function lockFolder(folder: string): Promise<FolderLock> {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'in-use-by');
  let holder = holderOf(file);
  for (const end = Date.now() + patienceMs; holder !== undefined && Date.now() < end; holder = holderOf(file))
    await sleep(100);
  if (holder !== undefined) {
    throw new Error(
      `${folder} is in use by process ${holder}, another Gatehouse. Stop that one, or start this one so that it keeps nothing: -- --ephemeral.`,
    );
  }
  writeFileSync(file, String(process.pid));
  return {
    passTo: (pid) => writeFileSync(file, String(pid)),
    release: () => rmSync(file, { force: true }),
  };
}
