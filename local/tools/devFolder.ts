import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { type BuiltTool, SourceError } from './toolSource.ts';

/** What one look at the folder found. */
export interface Look {
  /** Files with a tool in them. */
  tracked: number;
  new: string[];
  changed: string[];
  gone: string[];
  errors: { file: string; problem: string }[];
}

export interface DevFolderPorts {
  files(): string[];
  build(file: string): Promise<BuiltTool>;
}

interface Source {
  /** Hashes of all files it was made of when it was last built, right or wrong. */
  inputs: ReadonlyMap<string, string>;
  /** The last version that could be built. */
  tool: BuiltTool | undefined;
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

  /** Looks at every file, and at what they import; builds what has changed. */
  async look(): Promise<Look> {
    const files = this.#ports.files();
    const look: Look = { tracked: files.length, new: [], changed: [], gone: [], errors: [] };
    for (const [file, { tool }] of this.#sources) {
      if (files.includes(file)) continue;
      this.#sources.delete(file);
      if (tool) look.gone.push(tool.name);
    }
    const stale = files.filter((file) => this.#hasChanged(file));
    await Promise.all(stale.map((file) => this.#build(file, look)));
    return look;
  }

  #hasChanged(file: string): boolean {
    const known = this.#sources.get(file);
    return !known || [...known.inputs].some(([path, hash]) => hashOf(path) !== hash);
  }

  async #build(file: string, look: Look): Promise<void> {
    const before = this.#sources.get(file);
    try {
      const tool = await this.#ports.build(file);
      this.#mustBeAlone(file, tool.name);
      this.#sources.set(file, { inputs: hashesOf(tool.inputs), tool });
      if (!before?.tool) look.new.push(tool.name);
      else if (before.tool.draft.sha256 !== tool.draft.sha256) look.changed.push(tool.name);
    } catch (error) {
      const inputs = hashesOf([file, ...(before?.inputs.keys() ?? [])]);
      this.#sources.set(file, { inputs, tool: before?.tool });
      look.errors.push({ file, problem: error instanceof Error ? error.message : String(error) });
    }
  }

  #mustBeAlone(file: string, name: string): void {
    const other = [...this.#sources].find(([path, { tool }]) => path !== file && tool?.name === name);
    if (other) throw new SourceError(`${other[0]} has a tool of the name "${name}" already`);
  }
}

const hashesOf = (paths: readonly string[]) => new Map(paths.map((path) => [path, hashOf(path)]));

/** Of what a file holds; the same for all that cannot be read. */
function hashOf(path: string): string {
  try {
    return createHash('sha256').update(readFileSync(path)).digest('hex');
  } catch {
    return '';
  }
}
