import { globSync, readFileSync } from 'node:fs';
import type { EngineAnswer } from '../../shared/audit/engines/engine.ts';
import { LexicalEngine } from '../../shared/audit/engines/lexical/lexicalEngine.ts';
import type { SourceFile } from '../../shared/audit/sourceTree.ts';
import type { Verdict } from '../../shared/audit/verdict.ts';
import { root } from './process.ts';

/** A change of a control project: files that go, and texts that are replaced, each of which must be there. */
export interface Mutation {
  remove?: readonly string[];
  /** By file, pairs of what stands there and what is to stand there; every place is changed. */
  replace?: Readonly<Record<string, readonly (readonly [from: string, to: string])[]>>;
}

/** A small service with the design it meets, below `test/fixtures/control`. */
export class ControlProject {
  readonly #files: readonly SourceFile[];
  readonly #design: SourceFile;

  constructor(folder: string, design: string, sources: string) {
    const cwd = `${root}test/fixtures/control/${folder}`;
    const read = (path: string): SourceFile => ({ path, text: readFileSync(`${cwd}/${path}`, 'utf8') });
    this.#files = globSync(sources, { cwd }).sort().map(read);
    this.#design = read(design);
  }

  /** @throws where a text that is to be replaced is not there. */
  audit(
    mutation: Mutation = {},
    order: (files: SourceFile[]) => SourceFile[] = (files) => files,
  ): Promise<EngineAnswer> {
    return new LexicalEngine().assess(
      {
        files: order(mutated(this.#files, mutation)),
        designs: [this.#design],
        question: undefined,
        skipped: [],
        unselected: {},
        secrets: [],
      },
      { signal: new AbortController().signal },
    );
  }

  /** The requirements whose verdict is another after a mutation, by the words they begin with. */
  async changes(mutation: Mutation): Promise<Record<string, Verdict>> {
    const [before, after] = [await this.audit(), await this.audit(mutation)];
    return Object.fromEntries(
      after.requirements
        .filter(({ verdict }, i) => verdict !== before.requirements[i]?.verdict)
        .map(({ requirement, verdict }) => [requirement, verdict]),
    );
  }
}

function mutated(files: readonly SourceFile[], { remove = [], replace = {} }: Mutation): SourceFile[] {
  const paths = new Set(files.map(({ path }) => path));
  for (const path of [...remove, ...Object.keys(replace)])
    if (!paths.has(path)) throw new Error(`there is no ${path}`);
  return files
    .filter(({ path }) => !remove.includes(path))
    .map(({ path, text }) => ({
      path,
      text: (replace[path] ?? []).reduce((changed, [from, to]) => {
        if (!changed.includes(from)) throw new Error(`${path} has no ${from}`);
        return changed.replaceAll(from, () => to);
      }, text),
    }));
}
