/**
 * `npm run vocabulary`: writes the tables that tokens are counted with, `shared/audit/tokens/vocabulary/*.bin`, from the
 * package tiktoken: the tokens of each encoding, and the character classes of its regular expressions, whose Unicode is
 * not this runtime's. `--check` writes nothing and fails where a committed table says something else.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { Tiktoken } from 'tiktoken';
import type { AssetName } from '../shared/audit/tokens/assets.ts';
import { readCommandLine, runCommand } from './commandLine.ts';
import { readJsonFile } from './jsonFile.ts';

const usage = 'usage: npm run vocabulary [-- --check]';
const pathOf = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const fileOf = (name: AssetName) => pathOf(`shared/audit/tokens/vocabulary/${name}.bin`);

/** The bytes of an encoding's tokens by rank. @throws Error where ranks are not 0, 1, 2 and so on. */
export function referenceTokens(encoding: 'o200k_base' | 'cl100k_base'): Buffer[] {
  const { bpe_ranks } = readJsonFile(pathOf(`node_modules/tiktoken/encoders/${encoding}.json`)) as {
    bpe_ranks: string;
  };
  return bpe_ranks.split('\n').reduce<Buffer[]>((tokens, line) => {
    const [, first, ...words] = line.split(' ');
    if (Number(first) !== tokens.length) throw new Error(`${encoding}: ranks have gaps`);
    for (const word of words) tokens.push(Buffer.from(word, 'base64'));
    return tokens;
  }, []);
}

/** Number of tokens in 4 bytes, lowest first; the length of each token in a byte; then their bytes. */
function packTokens(tokens: readonly Buffer[]): Buffer {
  const count = Buffer.alloc(4);
  count.writeUInt32LE(tokens.length);
  return Buffer.concat([count, Uint8Array.from(tokens, ({ length }) => length), ...tokens]);
}

const everything = Array.from({ length: 0x110000 }, (_, point) => point).filter(
  (point) => point < 0xd800 || point > 0xdfff,
);
const everyCharacter = everything.map((point) => String.fromCodePoint(point)).join('');
const byteTokens = Array.from({ length: 256 }, (_, byte) => Buffer.from([byte]).toString('base64'));

/** The code points that a regular expression of the reference matches: what it does not match, it leaves out. */
function matchedBy(pattern: string): number[] {
  const encoder = new Tiktoken(`! 0 ${byteTokens.join(' ')}`, {}, pattern);
  const matched = Buffer.from(encoder.encode_ordinary(everyCharacter)).toString();
  encoder.free();
  return Array.from(matched, (char) => char.codePointAt(0) ?? 0);
}

/** In the order of the bits in `characterClasses.ts`; the last, what none matches. */
const classPatterns = [
  '\\p{Ll}',
  '[\\p{Lu}\\p{Lt}]',
  '[\\p{Lm}\\p{Lo}]',
  '\\p{M}',
  '\\p{N}',
  '[^\\S\\r\\n]',
  '[\\r\\n]',
];

/** The number of each code point's class. @throws Error where one is in two classes. */
export function referenceClasses(): Uint8Array {
  const classes = new Uint8Array(0x110000).fill(classPatterns.length);
  for (const [bit, pattern] of classPatterns.entries())
    for (const point of matchedBy(pattern)) {
      if (classes[point] !== classPatterns.length)
        throw new Error(`U+${point.toString(16)} is in two classes`);
      classes[point] = bit;
    }
  return classes;
}

/** Runs of one class: its number, then the length in 7 bits a byte, lowest first. */
function packRuns(classes: Uint8Array): Buffer {
  const bytes: number[] = [];
  for (let start = 0; start < classes.length; ) {
    let end = start + 1;
    while (end < classes.length && classes[end] === classes[start]) end++;
    bytes.push(classes[start] ?? 0);
    let rest = end - start;
    for (; rest > 127; rest >>= 7) bytes.push((rest & 127) | 128);
    bytes.push(rest);
    start = end;
  }
  return Buffer.from(bytes);
}

/** Every table by its name, uncompressed. */
export function generateTables(): Record<AssetName, Buffer> {
  return {
    o200k_base: packTokens(referenceTokens('o200k_base')),
    cl100k_base: packTokens(referenceTokens('cl100k_base')),
    classes: packRuns(referenceClasses()),
  };
}

function compress(table: Buffer): Buffer {
  return brotliCompressSync(table, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: table.length,
    },
  });
}

async function main(): Promise<void> {
  const { check } = readCommandLine(usage, { check: { type: 'boolean' } }).values;
  for (const [name, table] of Object.entries(generateTables()) as [AssetName, Buffer][]) {
    if (!check) {
      writeFileSync(fileOf(name), compress(table));
      console.log(`wrote ${fileOf(name)}`);
    } else if (!brotliDecompressSync(readFileSync(fileOf(name))).equals(table)) {
      throw new Error(`${name}.bin is not what tiktoken says: run npm run vocabulary`);
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) runCommand(main);
