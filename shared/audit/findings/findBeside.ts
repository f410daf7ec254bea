import type { Finding } from '../finding.ts';
import type { AuditInput } from '../sourceTree.ts';
import type { Turns } from '../turns.ts';

/** What is found beside the requirements, whatever engine judges them. */
export async function findBeside(_input: AuditInput, _turns: Turns): Promise<Finding[]> {
  return [];
}
