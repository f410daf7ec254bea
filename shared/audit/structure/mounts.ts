import type { IndexedFile } from '../retrieval/indexedFile.ts';
import type { Mount, Route } from './route.ts';

/** Groups within groups are followed this far. */
const deepest = 3;
const mostForms = 24;

const moduleOf = (path: string) => {
  const parts = path.replace(/\.\w+$/, '').split('/');
  const last = parts.at(-1) ?? '';
  return (/^(?:index|__init__|mod|main)$/.test(last) ? parts.at(-2) : last) ?? last;
};

/** The full paths of routes, with what their routers are mounted under, across files. */
export class Mounts {
  readonly #mounts: readonly Mount[];
  readonly #targets: ReadonlyMap<Mount, ReadonlySet<string> | undefined>;
  readonly #receivers: ReadonlySet<string>;

  constructor(mounts: readonly Mount[], routes: readonly Route[], files: readonly IndexedFile[]) {
    this.#mounts = mounts;
    const byPath = new Map(files.map((file) => [file.path, file]));
    this.#targets = new Map(mounts.map((mount) => [mount, targetFiles(mount, byPath)]));
    this.#receivers = new Set(routes.map(({ file, receiver }) => `${file}\0${receiver}`));
  }

  /** Every full path that a route can have; its own alone where nothing is mounted. */
  pathsOf(route: Route): (readonly string[])[] {
    const above = this.#above(route.file, route.receiver, deepest);
    return above.length === 0
      ? [route.segments]
      : above.slice(0, mostForms).map((start) => [...start, ...route.segments]);
  }

  #above(file: string, receiver: string | undefined, depth: number): (readonly string[])[] {
    if (depth === 0) return [];
    return this.#mounts
      .filter((mount) => this.#holds(mount, file, receiver))
      .flatMap((mount) => {
        const outer = this.#above(mount.file, mount.receiver, depth - 1);
        return outer.length === 0 ? [mount.segments] : outer.map((start) => [...start, ...mount.segments]);
      });
  }

  #holds(mount: Mount, file: string, receiver: string | undefined): boolean {
    const { assigned, target } = mount;
    if (assigned !== undefined && mount.file === file && receiver === assigned) return true;
    if (target === undefined) return assigned === undefined && mount.receiver !== receiver;
    const files = this.#targets.get(mount);
    if (files) return files.has(file);
    return (
      mount.file === file &&
      (receiver === target || !this.#receivers.has(`${file}\0${target}`)) &&
      mount.receiver !== receiver
    );
  }
}

/** The files that the mounting line's target is imported from; undefined where it is not imported. */
function targetFiles(
  { file, target }: Mount,
  files: ReadonlyMap<string, IndexedFile>,
): ReadonlySet<string> | undefined {
  const name = /^[\w$]+/.exec(target ?? '')?.[0];
  if (!name) return undefined;
  const text = files.get(file)?.text.slice(0, 20_000) ?? '';
  const from =
    new RegExp(
      `\\b${name.replace(/\$/g, '\\$')}\\b[^\\n;=]*(?:from\\s*|=\\s*require\\(\\s*)['"]([^'"]+)['"]`,
    ).exec(text)?.[1] ??
    new RegExp(`from\\s+([\\w.]+)\\s+import\\s[^\\n]*\\b${name}\\b`).exec(text)?.[1] ??
    new RegExp(`import\\s+([\\w.]+)\\s+as\\s+${name}\\b`).exec(text)?.[1] ??
    /require\(\s*['"]([^'"]+)['"]/.exec(target ?? '')?.[1];
  if (!from) return undefined;
  const wanted = new Set([
    moduleOf(from.replace(/\.(?=\w+$)/g, (dot) => (/[/\\]/.test(from) ? dot : '/'))),
    name,
  ]);
  const found = [...files.keys()].filter((path) => path !== file && wanted.has(moduleOf(path)));
  return found.length === 0 ? undefined : new Set(found);
}
