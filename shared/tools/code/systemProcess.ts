import { readdir, readFile } from 'node:fs/promises';
import { constants, setPriority } from 'node:os';

/** What a process has taken so far; undefined where the system does not say, as outside Linux, or the process is gone. */
export interface Taken {
  /** MB that it holds in memory. */
  residentMb: number | undefined;
  /** Time on a core, all of its threads together. */
  cpuMs: number | undefined;
}

const read = (pid: number, name: string) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '');

export async function takenBy(pid: number): Promise<Taken> {
  const [status, stat] = await Promise.all([read(pid, 'status'), read(pid, 'stat')]);
  // In kB whatever the page size is, unlike in statm.
  const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1];
  // Behind the name, which may hold anything: twelfth and thirteenth, in hundredths of a second.
  const times = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(times[11]) + Number(times[12]);
  return {
    residentMb: kilobytes === undefined ? undefined : Number(kilobytes) / 1024,
    cpuMs: Number.isNaN(ticks) ? undefined : ticks * 10,
  };
}

/** From here on it runs where nobody else wants the core; each of its threads, as Linux counts them one by one. */
export async function giveWay(pid: number): Promise<void> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => [String(pid)]);
  for (const thread of threads)
    try {
      setPriority(Number(thread), constants.priority.PRIORITY_LOW);
    } catch {
      // It has ended already.
    }
}
