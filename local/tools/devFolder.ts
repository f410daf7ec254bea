import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { mapAtMost } from '../../shared/atMost.ts';
import type { BuiltTool } from './builtTool.ts';
import type { Look } from './look.ts';
import { buildsAtOnce, nameTaken } from './toolSource.ts';

export interface DevFolderPorts {
  files(): string[];
  build(file: string): Promise<BuiltTool>;
}

interface Source {
  /** Hashes of all files it was made of when it was last built, right or wrong. */
  inputs: ReadonlyMap<string, string>;
  /** The last version that could be built. */
  tool: BuiltTool | undefined;
  /** Why the newest could not. */
  problem?: string;
}

/** A file that was built, or could not be. */
interface Attempt {
  file: string;
  /** Hashes from before it was read. */
  seen: ReadonlyMap<string, string>;
  /** The tool, or what is wrong with it. */
  built: BuiltTool | string;
}

/** A folder of tools while somebody works on it. What a file holds tells whether it has changed, not when it was written. */
export class DevFolder {
  readonly #ports: DevFolderPorts;
  readonly #sources = new Map<string, Source>();

  constructor(ports: DevFolderPorts) {
    this.#ports = ports;
  }

  /** The last version of every tool that could be built. */
  get tools(): BuiltTool[] {
    return [...this.#sources.values()].flatMap(({ tool }) => tool ?? []);
  }

  /** Looks at every file, and at what they import; builds what has changed, and again what could not be built. */
  async look(): Promise<Look> {
    const files = this.#ports.files();
    const look: Look = { tracked: files.length, new: [], changed: [], gone: [], errors: [] };
    for (const [file, { tool }] of this.#sources) {
      if (files.includes(file)) continue;
      this.#sources.delete(file);
      if (tool) look.gone.push(tool.name);
    }
    const stale = files.filter((file) => this.#isStale(file));
    for (const attempt of await mapAtMost(stale, buildsAtOnce, (file) => this.#build(file)))
      this.#take(attempt, look);
    look.gone = look.gone.filter((name) => this.tools.every((tool) => tool.name !== name));
    return look;
  }

  /** What could not be built may be mended elsewhere: in a file that was not there, or one with the same name. */
  #isStale(file: string): boolean {
    const known = this.#sources.get(file);
    return !known || known.problem !== undefined || isEdited(known.inputs);
  }

  async #build(file: string): Promise<Attempt> {
    const seen = hashesOf([file, ...(this.#sources.get(file)?.inputs.keys() ?? [])]);
    try {
      return { file, seen, built: await this.#ports.build(file) };
    } catch (error) {
      return { file, seen, built: error instanceof Error ? error.message : String(error) };
    }
  }

  #take(attempt: Attempt, look: Look): void {
    const { file, seen } = attempt;
    const before = this.#sources.get(file);
    const built = this.#unlessTaken(attempt);
    if (typeof built === 'string') {
      const isSame = [...seen].every(([path, hash]) => before?.inputs.get(path) === hash);
      this.#sources.set(file, { inputs: seen, tool: before?.tool, problem: built });
      if (!isSame || before?.problem !== built) look.errors.push({ file, problem: built });
      return;
    }
    // What a file held before it was first read is not known: it is built once more.
    const inputs = new Map(built.inputs.map((path) => [path, seen.get(path) ?? 'unknown']));
    this.#sources.set(file, { inputs, tool: built });
    if (before?.tool?.name !== built.name) {
      look.new.push(built.name);
      if (before?.tool) look.gone.push(before.tool.name);
    } else if (before.tool.draft.sha256 !== built.draft.sha256) look.changed.push(built.name);
  }

  #unlessTaken({ file, built }: Attempt): BuiltTool | string {
    if (typeof built === 'string') return built;
    const other = [...this.#sources].find(([path, { tool }]) => path !== file && tool?.name === built.name);
    return other ? nameTaken(built.name, other[0]) : built;
  }
}

const isEdited = (inputs: ReadonlyMap<string, string>) =>
  [...inputs].some(([path, hash]) => hashOf(path) !== hash);

const hashesOf = (paths: readonly string[]) => new Map(paths.map((path) => [path, hashOf(path)]));

/** Of what a file holds; the same for all that cannot be read. */
function hashOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return '';
  }
}
