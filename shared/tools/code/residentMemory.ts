import { readFile } from 'node:fs/promises';

/** MB that a process holds in memory; undefined where the system does not say, as outside Linux, or the process is gone. */
export async function residentMb(pid: number): Promise<number | undefined> {
  // In kB whatever the page size is, unlike in statm.
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
  const kilobytes = /^VmRSS:\s*(\d+) kB$/m.exec(status)?.[1];
  return kilobytes === undefined ? undefined : Number(kilobytes) / 1024;
}
