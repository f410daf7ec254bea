import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { codeOf, Failure } from '../failure.ts';
import type { WantedReport } from '../options/reports.ts';
import type { Screen } from './screen.ts';

/**
 * Writes the reports that came, each to its file or to standard output.
 * @throws Failure once the others are written, where one did not come or cannot be written
 */
export async function writeReports(
  wanted: readonly WantedReport[],
  texts: ReadonlyMap<string, string>,
  screen: Screen,
): Promise<WantedReport[]> {
  const written: WantedReport[] = [];
  const faults: string[] = [];
  for (const { name, file } of wanted) {
    const text = texts.get(name);
    if (text === undefined) faults.push(`The service gave no report "${name}".`);
    else if (file === '-') screen.data(text);
    else {
      const fault = await writeText(file, text);
      if (fault === undefined) written.push({ name, file });
      else faults.push(fault);
    }
  }
  if (faults.length > 0) throw new Failure(faults.join(' '));
  return written;
}

async function writeText(file: string, text: string): Promise<string | undefined> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return undefined;
  } catch (error) {
    return `${file} cannot be written (${codeOf(error) ?? 'unknown'}). Name another file.`;
  }
}
