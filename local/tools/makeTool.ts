import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isToolName, toolNameRule } from '../../shared/tools/toolName.ts';
import { UsageError } from '../commandLine.ts';

const template = (
  name: string,
) => `/** A tool that assistants call while the caller is on the line: it answers in one short line. */
export default {
  name: '${name}',
  description: 'Says how long a job takes. Call it when the caller asks for how long somebody will be there.',
  inputSchema: {
    type: 'object',
    properties: {
      service: { type: 'string', description: 'The service the caller asks about', maxLength: 100 },
    },
    required: ['service'],
  },
  /** True where a call changes something: it is then done once for each tool call, however often Vapi sends it. */
  sideEffect: false,
  /** What it may reach: hosts by ctx.fetch, secrets by ctx.secret. */
  hosts: [],
  secrets: [],
  async run({ service }: { service: string }) {
    return \`For \${service} we plan an hour.\`;
  },
  selfTest: { input: { service: 'a dripping tap' }, expect: 'For a dripping tap we plan an hour.' },
};
`;

/** Writes a tool to begin with, and gives its path. @throws UsageError for a name that is none or is taken. */
export function makeTool(name: string, folder: string): string {
  if (!isToolName(name)) throw new UsageError(`The name "${name}" ${toolNameRule}.`);
  const path = join(folder, `${name}.tool.ts`);
  try {
    writeFileSync(path, template(name), { flag: 'wx' });
  } catch (error) {
    if ((error as { code?: string }).code === 'EEXIST') throw new UsageError(`${path} is there already.`);
    throw error;
  }
  return path;
}
