import { LexicalEngine } from '../../shared/audit/engines/lexical/lexicalEngine.ts';
import type { AuditInput, SourceFile } from '../../shared/audit/sourceTree.ts';
import type { Judged } from '../../shared/audit/verdict.ts';

const signal = new AbortController().signal;

/** What an audit is about: sources by path, and one design. */
export function auditInput(
  sources: Record<string, string>,
  design: string,
  designPath = 'design.md',
): AuditInput {
  const files: SourceFile[] = Object.entries(sources).map(([path, text]) => ({ path, text }));
  return {
    files,
    designs: [{ path: designPath, text: design }],
    question: undefined,
    skipped: [],
    unselected: {},
    secrets: [],
  };
}

/** What the lexical engine says of one requirement, told as an item of a list. */
export async function judgeOne(requirement: string, sources: Record<string, string>): Promise<Judged> {
  const input = auditInput(sources, `# Design\n\n## Rules\n\n- ${requirement}\n`);
  const [judged] = (await new LexicalEngine().assess(input, { signal })).requirements;
  if (!judged) throw new Error(`no requirement was read out of ${requirement}`);
  return judged;
}
