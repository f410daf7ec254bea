import type { SourceFile } from '../sourceTree.ts';

/**
 * What a pipeline would send without packing: `JSON.stringify(files, null, 2)`, in pieces that end at line ends, so
 * that their token counts add up to that of the whole.
 */
export function jsonBaselineParts(files: readonly SourceFile[]): string[] {
  const entries = files.map(({ path, text }, i) => {
    const separator = i < files.length - 1 ? ',\n' : '\n}';
    return `  ${JSON.stringify(path)}: ${JSON.stringify(text)}${separator}`;
  });
  return ['{\n', ...entries];
}
