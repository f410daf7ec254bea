import { createHash } from 'node:crypto';
import type { ToolEntry } from '../shared/tools/manifest/manifest.ts';

const inputSchema = { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] };
const description = 'Says hello';

/** A code tool about as large as one with a library in it: 48 KB. */
export const codeOf = (name: string, version: number) => `
const padding = ${JSON.stringify('x'.repeat(48_000))};
module.exports = {
  name: ${JSON.stringify(name)}, description: ${JSON.stringify(description)}, sideEffect: false,
  inputSchema: ${JSON.stringify(inputSchema)},
  async run({ name }) { return 'hello ' + name + ' ${version}'.slice(0, padding.length); },
};`;

export const httpOf = (name: string) => ({
  name,
  description,
  inputSchema,
  sideEffect: false,
  request: { method: 'GET', url: 'https://api.example.com/hello', query: { name: '{name}' } },
  response: { say: '{/said}', errors: { default: 'It did not work.' } },
});

export function entryOf(kind: ToolEntry['kind'], bundle: Uint8Array): ToolEntry {
  return {
    kind,
    version: '1',
    sha256: createHash('sha256').update(bundle).digest('hex'),
    size: bundle.byteLength,
    publisher: 'bench',
    publishedAt: '2026-11-21T00:00:00Z',
    description,
    inputSchema,
    sideEffect: false,
    timeoutMs: 5_000,
    hosts: kind === 'http' ? ['api.example.com'] : [],
    secrets: [],
  };
}

/** What is measured is not what a terminal takes. */
export const silent = { debug() {}, info() {}, warn() {}, error() {} };
