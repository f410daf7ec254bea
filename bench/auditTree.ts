/** Trees to audit, made of the sources of installed packages. */
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { pack } from 'tar-stream';

const modules = fileURLToPath(new URL('../node_modules/', import.meta.url));
/** Where what is measured lies while it is. */
export const workFolder = fileURLToPath(new URL('../.local/bench-audit/', import.meta.url));

export interface BenchTree {
  folder: string;
  archive: string;
  files: number;
  bytes: number;
}

const design = `# Clients and schemas

- A request that fails is tried again, as \`Retry-After\` says.
- A schema must tell every fault of a value, with its path.
- \`OpenAI\` reads its key from \`OPENAI_API_KEY\`.
`;

/** The TypeScript of two packages as their authors wrote it, with a design: a repository of some 780 files. */
export function realTree(): Promise<BenchTree> {
  const files = new Map<string, string>();
  for (const name of ['openai', 'zod'])
    for (const path of globSync(`${name}/src/**/*.ts`, { cwd: modules }).sort())
      files.set(path, readFileSync(join(modules, path), 'utf8'));
  return writeTree('real', files);
}

/** So many bytes of source of all installed packages, files of ordinary size only. */
export function largeTree(bytes: number): Promise<BenchTree> {
  const files = new Map<string, string>();
  let size = 0;
  const paths = globSync('**/*.{ts,js,mjs,cjs}', { cwd: modules }).sort();
  for (const [i, path] of paths.entries()) {
    if (size >= bytes) break;
    const text = readFileSync(join(modules, path), 'utf8');
    if (text.length === 0 || text.length > 500_000 || /\.min\./.test(path)) continue;
    files.set(`part${i % 97}/file${i}.${path.split('.').at(-1)}`, text);
    size += Buffer.byteLength(text);
  }
  return writeTree('large', files);
}

async function writeTree(name: string, files: ReadonlyMap<string, string>): Promise<BenchTree> {
  const folder = join(workFolder, name);
  rmSync(folder, { recursive: true, force: true });
  const tar = pack();
  let bytes = 0;
  for (const [path, text] of [...files, ['docs/hld.md', design] as const]) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    tar.entry({ name: path }, text);
    bytes += Buffer.byteLength(text);
  }
  tar.finalize();
  const archive = `${folder}.tar.gz`;
  writeFileSync(archive, gzipSync(await buffer(tar)));
  return { folder, archive, files: files.size, bytes };
}
