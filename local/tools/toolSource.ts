import { globSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { build, transform } from 'esbuild';
import { mapAtMost } from '../../shared/atMost.ts';
import { MemoryTableStore } from '../../shared/storage/memory/memoryTableStore.ts';
import type { CodeToolDefinition } from '../../shared/tools/code/bundle.ts';
import { CodeProcess } from '../../shared/tools/code/codeProcess.ts';
import { ToolLoadError } from '../../shared/tools/code/failures.ts';
import { hostsOf, httpToolSchema } from '../../shared/tools/http/definition.ts';
import { defaultTimeoutMs } from '../../shared/tools/http/httpTool.ts';
import { secretsOf } from '../../shared/tools/http/secrets.ts';
import { LoadFailure } from '../../shared/tools/live/loadFailure.ts';
import { startTool } from '../../shared/tools/live/loadTool.ts';
import { OnceOnly } from '../../shared/tools/live/onceOnly.ts';
import { createRunners } from '../../shared/tools/live/runners.ts';
import { sha256Of } from '../../shared/tools/live/toolBlobs.ts';
import { zodFaults } from '../../shared/tools/tool.ts';
import type { BuiltTool } from './builtTool.ts';
import { trialEntry } from './trialEntry.ts';
import { whileAwake } from './whileAwake.ts';

/** A source that gives no tool; every fault in a line. */
export class SourceError extends Error {}

/** Files that hold a tool each: `*.tool.ts`, `*.tool.js` and `*.tool.json`, at any depth. */
export function toolFiles(folder: string): string[] {
  return globSync('**/*.tool.{ts,js,mjs,json}', { cwd: folder, exclude: ['**/node_modules/**', '**/.*/**'] })
    .map((file) => join(folder, file))
    .sort();
}

const codeTimeoutMs = 5_000;

/** Builds the tool of one file, and tries it as an app would. @throws SourceError. */
export async function buildTool(file: string): Promise<BuiltTool> {
  try {
    return await whileAwake(async () => {
      const built = file.endsWith('.json') ? await buildHttp(file) : await buildCode(file);
      await rehearse(built);
      return built;
    });
  } catch (error) {
    if (error instanceof LoadFailure || error instanceof ToolLoadError) throw new SourceError(error.message);
    throw error;
  }
}

async function buildHttp(file: string): Promise<BuiltTool> {
  const read = httpToolSchema.safeParse(await parsed(file));
  if (!read.success) throw new SourceError(zodFaults(read.error).join('\n'));
  const { name, description, inputSchema, sideEffect, timeoutMs } = read.data;
  const bundle = Buffer.from(JSON.stringify(read.data));
  const draft = {
    kind: 'http' as const,
    ...sizeOf(bundle),
    description,
    inputSchema,
    sideEffect,
    timeoutMs: timeoutMs ?? defaultTimeoutMs,
    hosts: hostsOf(read.data),
    secrets: secretsOf(read.data),
  };
  return { name, draft, bundle, inputs: [file], examples: read.data.selfTest.length };
}

async function parsed(file: string): Promise<unknown> {
  const text = readFileSync(file, 'utf8');
  try {
    return JSON.parse(text);
  } catch (error) {
    // `JSON.parse` does not say the line of every fault.
    await transform(text, { loader: 'json', sourcefile: file, logLevel: 'silent' }).catch((fault) => {
      throw toSourceError(fault, '.');
    });
    throw new SourceError(`The file is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
}

/** Compiles to one file of CommonJS and asks the tool what it is, in a process without rights. */
async function buildCode(file: string): Promise<BuiltTool> {
  const { bundle, inputs } = await compile(file);
  const name = basename(file).replace(/(\.tool)?\.[a-z]+$/, '');
  const definition = await definitionOf(name, bundle);
  const { description, inputSchema, outputSchema, sideEffect, timeoutMs, tenants, hosts, secrets } =
    definition;
  const draft = {
    kind: 'code' as const,
    ...sizeOf(bundle),
    description,
    inputSchema,
    ...(outputSchema ? { outputSchema } : {}),
    sideEffect,
    timeoutMs: timeoutMs ?? codeTimeoutMs,
    ...(tenants ? { tenants } : {}),
    hosts: hosts ?? [],
    secrets: secrets ?? [],
  };
  return { name, draft, bundle, inputs, examples: definition.selfTest ? 1 : 0 };
}

async function definitionOf(name: string, bundle: Uint8Array): Promise<CodeToolDefinition> {
  const reach = { hosts: [], secrets: [], timeoutMs: codeTimeoutMs };
  const code = Buffer.from(bundle).toString();
  const process = await CodeProcess.load({ ...sizeOf(bundle), code, name, ...reach }, noPorts);
  await process.retire();
  return process.definition;
}

/** Nothing that is only looked at reaches anything. */
const noPorts = {
  fetch: async () => ({ kind: 'refused' as const, reason: 'address' as const }),
  secret: () => 'not set here',
};
const trial = {
  runners: createRunners(noPorts),
  once: new OnceOnly(new MemoryTableStore()),
  now: () => new Date(),
};

/** Loads a tool as an app would, its self-test included. @throws LoadFailure. */
async function rehearse({ name, draft, bundle }: BuiltTool): Promise<void> {
  const { retire } = await startTool(name, trialEntry(name, draft), bundle, trial);
  retire();
}

const sizeOf = (bundle: Uint8Array) => ({ sha256: sha256Of(bundle), size: bundle.byteLength });

/** The same bytes for the same sources wherever they lie: names of files in it are told from the tool's folder. */
async function compile(file: string): Promise<{ bundle: Uint8Array; inputs: string[] }> {
  const folder = dirname(file);
  try {
    const { outputFiles, metafile } = await build({
      entryPoints: [file],
      bundle: true,
      write: false,
      metafile: true,
      format: 'cjs',
      platform: 'node',
      target: 'node24',
      charset: 'utf8',
      legalComments: 'none',
      logLevel: 'silent',
      absWorkingDir: folder,
    });
    const [output] = outputFiles;
    if (!output) throw new SourceError('esbuild wrote nothing');
    return {
      bundle: output.contents,
      inputs: Object.keys(metafile.inputs).map((input) => join(folder, input)),
    };
  } catch (error) {
    throw toSourceError(error, folder);
  }
}

interface BuildFailure {
  errors: { text: string; location: { file: string; line: number; column: number } | null }[];
}

/** @param folder what esbuild told names of files from. */
function toSourceError(error: unknown, folder: string): unknown {
  const { errors } = error as Partial<BuildFailure>;
  if (!errors?.length) return error;
  return new SourceError(
    errors
      .map(({ text, location }) =>
        location
          ? `${relative('.', resolve(folder, location.file))}:${location.line}:${location.column}: ${text}`
          : text,
      )
      .join('\n'),
  );
}

/** Each starts processes, which have little time to answer. */
export const buildsAtOnce = 4;

/** What is wrong with a tool whose name another file has. */
export const nameTaken = (name: string, file: string) => `${file} has a tool of the name "${name}" already`;

/** A file, with its tool or what is wrong with it. */
interface Tried {
  file: string;
  built: BuiltTool | string;
}

/** Builds the tools of files and folders. @throws SourceError with the faults of every file. */
export async function buildTools(paths: readonly string[]): Promise<BuiltTool[]> {
  const files = paths.map((path) => resolve(process.env.INIT_CWD ?? '.', path)).flatMap(filesAt);
  const tried = await mapAtMost([...new Set(files)], buildsAtOnce, tryToBuild);
  const faults = tried.flatMap((one, i) => {
    const problem = problemOf(one, tried.slice(0, i));
    return problem === undefined ? [] : [`${one.file}\n  ${problem.replaceAll('\n', '\n  ')}`];
  });
  if (faults.length > 0) throw new SourceError(faults.join('\n'));
  return tried.flatMap(({ built }) => (typeof built === 'string' ? [] : [built]));
}

const tryToBuild = async (file: string): Promise<Tried> => ({
  file,
  built: await buildTool(file).catch((error: unknown) =>
    String(error instanceof Error ? error.message : error),
  ),
});

function problemOf({ built }: Tried, earlier: readonly Tried[]): string | undefined {
  if (typeof built === 'string') return built;
  const { name } = built;
  const other = earlier.find((one) => typeof one.built !== 'string' && one.built.name === name);
  return other && nameTaken(name, other.file);
}

function filesAt(path: string): string[] {
  const found = statSync(path, { throwIfNoEntry: false });
  if (!found) throw new SourceError(`${path} is not there.`);
  if (!found.isDirectory()) return [path];
  const files = toolFiles(path);
  if (files.length === 0)
    throw new SourceError(`${path} has no file named NAME.tool.ts, .tool.js or .tool.json.`);
  return files;
}
