import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type Format } from 'esbuild';
import { describe, expect, it, onTestFinished } from 'vitest';
import { bundleOptions } from '../../../../build.ts';
import { createSafeFetch } from '../../../../shared/net/safeFetch.ts';
import { CodeProcess } from '../../../../shared/tools/code/codeProcess.ts';
import { ToolError } from '../../../../shared/tools/tool.ts';
import { memoryLog } from '../../../support/http.ts';
import { root } from '../../../support/process.ts';
import { serve, testCertificate } from '../../../support/tlsServer.ts';
import { bundle, bundleOf, contextOf, noPorts } from './setup.ts';

/** A tool of the fixtures as its author publishes it. */
async function published(name: string, format: Format, port: number): Promise<string> {
  const built = await build({
    entryPoints: [`${root}test/fixtures/tools/code/${name}.ts`],
    bundle: true,
    format,
    platform: 'node',
    write: false,
    minify: true,
    ...(format === 'iife' ? { globalName: 'module.exports' } : {}),
  });
  return (built.outputFiles[0]?.text ?? '').replaceAll('PORT', String(port));
}

describe('a tool with a library in it', () => {
  it.each(['cjs', 'iife'] as const)('as %s is tested, and runs against a server', async (format) => {
    const server = await serve((response) => void response.end('{"day":"2026-11-22"}'));
    const { log, lines } = memoryLog();
    const code = await published('dayNames', format, server.port);
    const tool = await CodeProcess.load(
      bundle(code, { name: 'day_name', hosts: [`localhost:${server.port}`], secrets: ['DAYS_KEY'] }),
      {
        fetch: createSafeFetch({ allow: (address) => address === '127.0.0.1', ca: testCertificate }),
        secret: () => 'key-of-days',
      },
    );
    onTestFinished(() => tool.retire());
    expect(tool.definition).toMatchObject({
      inputSchema: { type: 'object', required: ['date'], additionalProperties: false },
      sideEffect: false,
    });
    await tool.selfTest();
    expect(server.received).toEqual([]);
    expect(await tool.run({ date: '2026-11-22' }, contextOf({ log }), 5_000)).toBe('It is a Sunday.');
    expect(server.received[0]).toMatchObject({
      url: '/days/2026-11-22',
      headers: { authorization: 'Bearer key-of-days' },
    });
    expect(lines).toMatchObject([{ fields: { says: 'day-found', fields: { digest: expect.any(String) } } }]);
    const refused = await tool.run({ date: 'soon' }, contextOf(), 5_000).catch((error: unknown) => error);
    expect(refused).toEqual(new ToolError('That is no date. Ask for day and month.'));
  });
});

describe('the room of code tools', () => {
  it('runs from a minified bundle of itself as well', async () => {
    const outdir = await mkdtemp(join(tmpdir(), 'code-tools-'));
    onTestFinished(() => rm(outdir, { recursive: true }));
    await build({
      entryPoints: { room: `${root}shared/tools/code/codeProcess.ts` },
      outdir,
      outExtension: { '.js': '.mjs' },
      ...bundleOptions,
    });
    const built = (await import(join(outdir, 'room.mjs'))) as { CodeProcess: typeof CodeProcess };
    const code = bundleOf("ctx.log('a'); return [input, await ctx.secret('A'), typeof globalThis.module]");
    const tool = await built.CodeProcess.load(bundle(code, { secrets: ['A'] }), {
      ...noPorts,
      secret: () => 's',
    });
    onTestFinished(() => tool.retire());
    expect(await tool.run({ a: 1 }, contextOf(), 5_000)).toEqual([{ a: 1 }, 's', 'undefined']);
  });
});
