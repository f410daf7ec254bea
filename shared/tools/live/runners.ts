import type { CodePorts } from '../code/bundle.ts';
import type { HttpToolPorts } from '../http/httpTool.ts';
import { codeRunner } from './codeRunner.ts';
import { httpRunner } from './httpRunner.ts';
import type { StartDeps } from './loadTool.ts';

/** What makes each kind of published tool runnable, over the same way out and the same secrets. */
export const createRunners = (ports: CodePorts & HttpToolPorts): StartDeps['runners'] => ({
  http: httpRunner(ports),
  code: codeRunner(ports),
});
