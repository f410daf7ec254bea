import { tryJson } from '../../tryJson.ts';
import { httpToolSchema } from '../http/definition.ts';
import type { HttpToolDefinition } from '../http/definitionShape.ts';
import { createHttpTool, type HttpToolPorts } from '../http/httpTool.ts';
import { secretsOf } from '../http/secrets.ts';
import { selfTest } from '../http/selfTest.ts';
import { type Tool, zodFaults } from '../tool.ts';
import { sameAsSigned } from './codeRunner.ts';
import { LoadFailure } from './loadFailure.ts';
import type { StartRunner } from './loadTool.ts';

/** Makes declarative tools runnable. */
export function httpRunner(ports: HttpToolPorts): StartRunner {
  return async (name, entry, bytes, readInput) => {
    const definition = definitionIn(bytes);
    if (definition.name !== name) throw new LoadFailure('definition', 'It is a tool of another name.');
    sameAsSigned(definition, entry);
    const differences = await selfTest(definition, readInput);
    if (differences.length > 0) throw new LoadFailure('self-test', differences.slice(0, 3).join('; '));
    const { version, hosts, secrets } = entry;
    const unset = secretsOf(definition).find((secret) => !ports.secret(secret));
    if (unset !== undefined)
      throw new LoadFailure('secret', `The app has no setting GATEHOUSE_TOOL_SECRET_${unset}.`);
    const tool = granted(() => createHttpTool(definition, { version, hosts, secrets }, ports, readInput));
    return { run: (input, context, deadlineMs) => tool.run(input, context, deadlineMs), retire: () => {} };
  };
}

function definitionIn(bytes: Uint8Array): HttpToolDefinition {
  const read = httpToolSchema.safeParse(tryJson(Buffer.from(bytes).toString()));
  if (read.success) return read.data;
  throw new LoadFailure('definition', zodFaults(read.error).slice(0, 5).join('; '));
}

function granted(make: () => Tool): Tool {
  try {
    return make();
  } catch (error) {
    throw new LoadFailure('definition', error instanceof Error ? error.message : 'It may not be made.');
  }
}
