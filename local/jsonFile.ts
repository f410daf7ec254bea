import { readFileSync } from 'node:fs';

/** A JSON file's content, a byte-order mark allowed. @throws Error that names the file and says what is wrong. */
export function readJsonFile(path: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, ''));
  } catch (error) {
    throw new Error(
      `${path} cannot be read as JSON: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
