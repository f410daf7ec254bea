import type { SourceFile } from '../sourceTree.ts';

/**
 * What a pipeline would send without packing: `JSON.stringify(files, null, 2)`, in pieces that end at line ends, so
 * that their token counts add up to that of the whole.
 */
export function* jsonBaselineParts(files: readonly SourceFile[]): Generator<string> {
  yield '{\n';
  for (const [i, { path, text }] of files.entries()) {
    const separator = i < files.length - 1 ? ',\n' : '\n}';
    yield `  ${JSON.stringify(path)}: ${JSON.stringify(text)}${separator}`;
  }
}
