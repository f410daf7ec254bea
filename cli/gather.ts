import { relative, resolve, sep } from 'node:path';
import { candidates, type Document, findDocuments } from './archive/documents.ts';
import { type PackedTree, packTree } from './archive/packTree.ts';
import { Failure } from './failure.ts';
import type { Options } from './options/readOptions.ts';
import { reportFiles } from './options/reports.ts';
import { bytes, count } from './output/numbers.ts';
import { plain } from './output/plainText.ts';
import type { ProgressLine } from './output/progress.ts';
import type { Screen } from './output/screen.ts';
import { row } from './output/table.ts';
import { readTree, type Tree } from './tree/readTree.ts';

/** Names of submodules that are told. */
const mostNested = 5;

/** What is to be audited, ready to be sent. */
export interface Gathered {
  tree: Tree;
  packed: PackedTree;
  designs: readonly Document[];
  baseline: Document | undefined;
}

/** Reads the tree and what is named beside it, and says what was read. @throws Failure */
export async function gather(
  options: Options,
  cwd: string,
  screen: Screen,
  progress: ProgressLine,
): Promise<Gathered> {
  const tree = await readTree(resolve(cwd, options.directory), options.git);
  if (options.designs.length === 0)
    throw new Failure(`Name the High-Level Design: --hld FILE.${candidates(tree)}`);
  const designs = await findDocuments(options.designs, 'hld', tree, cwd);
  const [baseline] = await findDocuments(options.baseline ? [options.baseline] : [], 'baseline', tree, cwd);
  const named = [...designs, baseline].flatMap((one) => (one?.where === 'tree' ? [one.path] : []));
  const files = withoutReports(tree, options, cwd, new Set(named));
  const packed = await packTree(files, new Set(named), tree.leftOut, (done) => {
    if (done % 50 === 0) progress.show({ what: 'reading files', done, of: files.length, isBrief: true });
  });
  progress.stop();
  sayWhatWasRead(screen, options, { tree, packed, designs, baseline });
  return { tree, packed, designs, baseline };
}

/**
 * Reports of this run or an earlier one are no source: with them in it, no audit would be like the one before. A baseline
 * stays as it is, and may be somebody's own file.
 */
function withoutReports(
  { root, files, leftOut }: Tree,
  { reports }: Options,
  cwd: string,
  keep: Set<string>,
) {
  const { baseline: _, ...usual } = reportFiles;
  const names = [...Object.values(usual), ...reports.map(({ file }) => file)];
  const ours = new Set(names.map((file) => relative(root, resolve(cwd, file)).split(sep).join('/')));
  return files.filter(({ path }) => {
    const isReport = ours.has(path) && !keep.has(path);
    if (isReport) leftOut.note('reports of an audit', path);
    return !isReport;
  });
}

function sayWhatWasRead(screen: Screen, { verbose }: Options, { tree, packed, designs, baseline }: Gathered) {
  const kind = tree.kind === 'git' ? 'git work tree, changes included' : 'plain folder';
  const read = `${count(packed.paths.size, 'file')}, ${bytes(packed.bytes)}`;
  row(screen, 'Read', `${read}, from ${plain(tree.root)} (${kind})`);
  const nested = tree.nested.slice(0, mostNested).map(plain).join(', ');
  if (nested !== '') row(screen, '', `with ${count(tree.nested.length, 'submodule')}: ${nested}`);
  const { summary, paths } = tree.leftOut;
  if (summary.length > 0) row(screen, 'Left out', summary.join(', '));
  if (verbose)
    for (const { path, reason } of paths)
      screen.line(screen.style.dim(`            ${plain(path)} (${reason})`));
  row(screen, 'Design', designs.map(nameOf).join(', '));
  if (baseline) row(screen, 'Baseline', nameOf(baseline));
}

const nameOf = (document: Document) => plain(document.where === 'tree' ? document.path : document.absolute);

/** What the service calls the files outside the tree, and where they are in the repository. */
export function outsideNames({ tree, designs }: Gathered): Map<string, string> {
  const above = tree.prefix.split('/').filter(Boolean).length;
  const top = resolve(tree.root, ...Array.from({ length: above }, () => '..'));
  return new Map(
    designs.flatMap((design): [string, string][] =>
      design.where === 'outside' ? [[design.name, relative(top, design.absolute).split(sep).join('/')]] : [],
    ),
  );
}
