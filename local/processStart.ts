import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * When a process of that id began, in words of the system: ids are used again, a start and an id together are not.
 * Undefined where there is no such process, or the system does not say.
 */
export function processStart(pid: number): string | undefined {
  try {
    return process.platform === 'linux' ? ticksOf(pid) : startOf(pid);
  } catch {
    return undefined;
  }
}

/** Ticks count from the boot, so it belongs to them. */
function ticksOf(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the program may hold spaces and brackets.
  const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return ticks && `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
}

function startOf(pid: number): string | undefined {
  const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
  const stdio: ['ignore', 'pipe', 'ignore'] = ['ignore', 'pipe', 'ignore'];
  return (
    execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { env, stdio })
      .toString()
      .trim() || undefined
  );
}
