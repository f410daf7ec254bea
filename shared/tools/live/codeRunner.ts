import { isDeepStrictEqual } from 'node:util';
import type { CodePorts } from '../code/bundle.ts';
import { CodeProcess } from '../code/codeProcess.ts';
import { CodeCallError, type LoadFault, ToolLoadError } from '../code/failures.ts';
import { defaultLimits } from '../code/limits.ts';
import { RestingProcesses } from '../code/restingProcesses.ts';
import type { ToolEntry } from '../manifest/manifest.ts';
import { ToolTimeout } from '../tool.ts';
import { LoadFailure, type LoadReason } from './loadFailure.ts';
import type { StartRunner } from './loadTool.ts';

const reasons: Readonly<Record<LoadFault, LoadReason>> = {
  size: 'size',
  syntax: 'load',
  exports: 'definition',
  timeout: 'load',
  crash: 'load',
  'self-test': 'self-test',
};

/** Starts code tools, each in a process of its own. */
export function codeRunner(ports: CodePorts): StartRunner {
  const resting = new RestingProcesses();
  return async (name, entry, bytes) => {
    const { sha256, hosts, secrets, timeoutMs } = entry;
    const code = Buffer.from(bytes).toString();
    const bundle = { sha256, code, name, hosts, secrets, timeoutMs };
    const process = await failing(CodeProcess.load(bundle, ports, defaultLimits, resting));
    try {
      sameAsSigned(process.definition, entry);
      await failing(process.selfTest());
    } catch (error) {
      void process.retire();
      throw error;
    }
    return {
      async run(input, context, deadlineMs) {
        try {
          return await process.run(input, context, deadlineMs);
        } catch (error) {
          if (error instanceof CodeCallError && error.code === 'timeout')
            throw new ToolTimeout(error.message, { cause: error });
          throw error;
        }
      },
      retire: () => void process.retire(),
    };
  };
}

async function failing<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof ToolLoadError)
      throw new LoadFailure(reasons[error.reason], error.message, { cause: error });
    throw error;
  }
}

const signed = ['description', 'inputSchema', 'outputSchema', 'sideEffect'] as const;

/** @throws LoadFailure where a tool says something else of itself than its entry, which is what people have read. */
export function sameAsSigned(own: Partial<Pick<ToolEntry, (typeof signed)[number]>>, entry: ToolEntry): void {
  const other = signed.filter((member) => !isDeepStrictEqual(own[member], entry[member]));
  if (other.length > 0)
    throw new LoadFailure('definition', `The tool says another ${other.join(' and ')} than the manifest.`);
}
