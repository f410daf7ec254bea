import type { Options } from '../options/readOptions.ts';

export type Annotations = 'github' | 'azure' | undefined;

/** What the pipeline around the command wants of it. */
export interface Pipeline {
  /** Whose commands annotate a build. */
  annotations: Annotations;
  /** A file that takes Markdown for the summary of a GitHub job. */
  summaryFile: string | undefined;
  /** A file that takes the outputs of a GitHub step. */
  outputFile: string | undefined;
}

export function readPipeline(wanted: Options['annotations'], env: NodeJS.ProcessEnv): Pipeline {
  const isGithub = env.GITHUB_ACTIONS === 'true';
  const isAzure = /^true$/i.test(env.TF_BUILD ?? '');
  const found = isGithub ? 'github' : isAzure ? 'azure' : undefined;
  return {
    annotations: wanted === 'auto' ? found : wanted === 'none' ? undefined : wanted,
    summaryFile: isGithub ? env.GITHUB_STEP_SUMMARY || undefined : undefined,
    outputFile: isGithub ? env.GITHUB_OUTPUT || undefined : undefined,
  };
}
