import type { Finding } from '../finding.ts';
import type { AuditInput } from '../sourceTree.ts';
import { findUndocumented } from '../structure/undocumented.ts';
import type { Turns } from '../turns.ts';
import { findInstructions } from './findInstructions.ts';

/** What is found beside the requirements, whatever engine judges them: no model decides on it. */
export async function findBeside(input: AuditInput, turns: Turns): Promise<Finding[]> {
  return [...(await findInstructions(input.files, turns)), ...(await findUndocumented(input, turns))];
}
