import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** An empty folder that is gone after the test. */
export function toolFolder() {
  const path = mkdtempSync(join(tmpdir(), 'gatehouse-tools-'));
  onTestFinished(() => rmSync(path, { recursive: true, force: true }));
  return {
    path,
    /** Writes a file, with the folders it is in, and gives its path. */
    write(name: string, text: string): string {
      const file = join(path, name);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      return file;
    },
  };
}

/** The source of a code tool that answers with `answer`, an expression. */
export const codeTool = (name: string, answer = "'one'", rest = '') => `export default {
  name: '${name}',
  description: 'Says one word',
  inputSchema: { type: 'object', properties: {} },
  sideEffect: false,
  async run() { return ${answer}; },
  ${rest}
};
`;

/** The source of a declarative tool. */
export const httpTool = (name: string, given: object = {}) =>
  JSON.stringify({
    name,
    description: 'Asks for the weather',
    inputSchema: { type: 'object', properties: {} },
    sideEffect: false,
    request: { method: 'GET', url: 'https://api.example.com/weather' },
    response: { say: 'Fine.', errors: { default: 'I cannot see it.' } },
    ...given,
  });
