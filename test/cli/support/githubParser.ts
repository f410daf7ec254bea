import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { parseAction as ParseAction } from '@actions/workflow-parser/actions/action-parser';
import type { parseWorkflow as ParseWorkflow } from '@actions/workflow-parser/workflows/workflow-parser';
import { build } from 'esbuild';
import { root } from '../../support/process.ts';
import { folder } from './folders.ts';

const entry = `
export { parseAction } from '@actions/workflow-parser/actions/action-parser';
export { parseWorkflow } from '@actions/workflow-parser/workflows/workflow-parser';
export { NoOperationTraceWriter } from '@actions/workflow-parser/templates/trace-writer';
`;

/**
 * GitHub's own parser: gives what it finds wrong with an action or a workflow. It imports JSON as bundlers allow and
 * Node does not, hence the bundle.
 */
export async function githubParser() {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: root },
    bundle: true,
    write: false,
    format: 'esm',
    platform: 'node',
    banner: {
      js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);",
    },
  });
  const file = join(folder(), 'parser.mjs');
  writeFileSync(file, outputFiles[0]?.contents ?? '');
  const loaded = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
    parseAction: typeof ParseAction;
    parseWorkflow: typeof ParseWorkflow;
    NoOperationTraceWriter: new () => Parameters<typeof ParseAction>[1];
  };
  const faults = (parse: typeof ParseAction | typeof ParseWorkflow, content: string) =>
    parse({ name: 'file.yml', content }, new loaded.NoOperationTraceWriter() as never)
      .context.errors.getErrors()
      .map(({ message }) => message);
  return {
    actionFaults: (content: string) => faults(loaded.parseAction, content),
    workflowFaults: (content: string) => faults(loaded.parseWorkflow, content),
  };
}
