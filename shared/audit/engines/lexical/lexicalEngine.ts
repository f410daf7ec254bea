import { AppError } from '../../../errors.ts';
import type { AuditInput } from '../../sourceTree.ts';
import { Turns } from '../../turns.ts';
import { type Requirement, verdicts } from '../../verdict.ts';
import type { Assignment, AuditEngine, EngineAnswer } from '../engine.ts';
import { CodeIndex } from './codeIndex.ts';
import { judge } from './judge.ts';
import { extractStatements } from './requirements.ts';

/** Part of the cache key: raise it when the same input would be judged otherwise. */
const version = 1;

/**
 * An audit without a model: statements of the design, and whether the names and words they use stand in the source.
 * Deterministic. It sees vocabulary, not behaviour, and says so.
 */
export class LexicalEngine implements AuditEngine {
  readonly name = 'lexical';
  readonly model = null;
  readonly fingerprint = `lexical/${version}`;
  readonly note =
    'No model was called. The lexical engine compares vocabulary: it finds where the names and terms of a requirement stand in the source, not whether the code behaves as required, and it never finds contradictions.';

  async assess(
    { files, design, question }: AuditInput,
    { signal }: Pick<Assignment, 'signal'>,
  ): Promise<EngineAnswer> {
    const statements = extractStatements(design.text);
    if (statements.length === 0) {
      throw new AppError(
        'design-not-found',
        `The design "${design.path}" states no requirement that could be found: no list, no table, no sentence with must, shall, should, will, never or a name in code marks.`,
      );
    }
    signal.throwIfAborted();
    const turns = new Turns(signal);
    const index = await CodeIndex.build(files, turns);
    const requirements: Requirement[] = [];
    for (const statement of statements) requirements.push(await judge(statement, index, turns));
    return {
      summary: [describe(requirements), await answerQuestion(question, index, turns)]
        .filter(Boolean)
        .join(' '),
      requirements,
      usage: null,
    };
  }
}

function describe(requirements: readonly Requirement[]): string {
  const counts = verdicts
    .map((verdict) => ({ verdict, count: requirements.filter((r) => r.verdict === verdict).length }))
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => `${count} ${verdict.replace('_', ' ')}`);
  return `${requirements.length} requirement${requirements.length === 1 ? '' : 's'} found in the design: ${counts.join(', ')}.`;
}

/** Words cannot answer a question; where its terms stand is what this engine can say. */
async function answerQuestion(question: string | undefined, index: CodeIndex, turns: Turns): Promise<string> {
  if (question === undefined) return '';
  const { evidence } = await judge({ id: 'Q', text: question, line: 1, section: [] }, index, turns);
  const places = evidence.map(({ file, line }) => `${file}:${line}`).join(', ');
  return places
    ? `The lexical engine cannot answer questions; the terms of yours stand in ${places}.`
    : 'The lexical engine cannot answer questions, and the terms of yours do not stand together anywhere in the source.';
}
