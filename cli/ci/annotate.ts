import { plain } from '../output/plainText.ts';
import { azureText, githubText } from './escape.ts';
import type { Annotations } from './pipeline.ts';

// Of the commands there are, only those that annotate: an answer must not set variables or reach into the build.
const allowed = {
  github: /^::(?:error|warning|notice)(?: [^\r\n]*?)?::/,
  azure: /^##vso\[task\.logissue [^\]\r\n]*\]|^##\[(?:error|warning|section|group|endgroup)\]/,
} as const;

/** The lines of an annotation report that are annotations. */
export function annotationLines(text: string, kind: 'github' | 'azure'): string[] {
  return text.split(/\r?\n/).filter((line) => allowed[kind].test(line));
}

/** An error of the command itself, as the pipeline shows errors. */
export function errorAnnotation(message: string, kind: NonNullable<Annotations>): string {
  return kind === 'github'
    ? `::error title=gatehouse-audit::${githubText(plain(message))}`
    : `##vso[task.logissue type=error]gatehouse-audit: ${azureText(plain(message))}`;
}
