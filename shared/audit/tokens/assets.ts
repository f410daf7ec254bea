import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliDecompress } from 'node:zlib';

const decompress = promisify(brotliDecompress);

/** The names of the tables, each a file `vocabulary/NAME.bin` beside this module or, once bundled, beside the bundle. */
export type AssetName = 'o200k_base' | 'cl100k_base' | 'classes';

/** A table as `npm run vocabulary` packed it, decompressed. @throws Error where the file is missing or damaged. */
export async function readAsset(name: AssetName): Promise<Buffer> {
  return decompress(await readFile(new URL(`./vocabulary/${name}.bin`, import.meta.url)));
}
