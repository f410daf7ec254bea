import type { SourceFile } from '../sourceTree.ts';

/**
 * What a pipeline would send without packing, `JSON.stringify(files, null, 2)`, in pieces that end at line ends, so
 * that their token counts add up to that of the whole: this one, and an entry for each file.
 */
export const jsonBaselineStart = '{\n';

export function jsonBaselineEntry({ path, text }: SourceFile, isLast: boolean): string {
  return `  ${JSON.stringify(path)}: ${JSON.stringify(text)}${isLast ? '\n}' : ',\n'}`;
}
