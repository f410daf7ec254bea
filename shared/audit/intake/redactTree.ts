import { redactPaths, redactSecrets } from '../secrets/redactSecrets.ts';
import type { AuditInput } from '../sourceTree.ts';
import type { Turns } from '../turns.ts';
import type { Tree } from './treeBuilder.ts';

/** What is audited, without the secrets that stood in source, designs, question and the names of files. */
export async function redactTree(
  tree: Tree,
  question: string | undefined,
  turns: Turns,
): Promise<AuditInput> {
  const source = await redactSecrets(tree.files, turns);
  const designs = await redactSecrets(tree.designs, turns);
  const asked = await redactSecrets(
    question === undefined ? [] : [{ path: 'question', text: question }],
    turns,
  );
  const skippedPaths = await redactPaths(
    tree.skipped.map(({ path }) => path),
    turns,
  );
  return {
    files: source.files,
    designs: designs.files,
    question: asked.files[0]?.text,
    skipped: tree.skipped.map(({ path, reason }, i) => ({ path: skippedPaths[i] ?? path, reason })),
    unselected: tree.unselected,
    secrets: [...source.findings, ...designs.findings, ...asked.findings],
  };
}
