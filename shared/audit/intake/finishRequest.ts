import type { AuditRequest } from '../auditRequest.ts';
import { Turns } from '../turns.ts';
import type { DesignRef } from './design.ts';
import type { GivenOptions } from './givenOptions.ts';
import type { Share } from './memoryRoom.ts';
import { readOptions, readQuestion } from './readOptions.ts';
import { redactTree } from './redactTree.ts';
import type { TreeBuilder } from './treeBuilder.ts';

/** An audit's request and the memory reserved for it, which disposing gives back. */
export type HeldAuditRequest = AuditRequest & Disposable;

/** Designs and baseline, wherever they are named. */
export interface Named {
  refs: readonly DesignRef[];
  baseline: { path: string } | { text: string } | undefined;
}

/** Chooses and redacts what was read. @throws AppError that says what to send instead. */
export async function finishRequest(
  builder: TreeBuilder,
  { refs, baseline }: Named,
  options: GivenOptions,
): Promise<AuditRequest> {
  const turns = new Turns();
  const question = readQuestion(options);
  const path = baseline && 'path' in baseline ? baseline.path : undefined;
  const tree = await builder.finish(refs, path, turns);
  const text = baseline && 'text' in baseline ? baseline.text : tree.baseline;
  return { input: await redactTree(tree, question, turns), options: readOptions(options, text) };
}

/** What is read holds its share until it is disposed of; a refusal gives it back at once. */
export async function holding(
  share: Share,
  read: (share: Share) => Promise<AuditRequest>,
): Promise<HeldAuditRequest> {
  try {
    const asked = await read(share);
    return { ...asked, [Symbol.dispose]: () => share[Symbol.dispose]() };
  } catch (error) {
    share[Symbol.dispose]();
    throw error;
  }
}
