import { AppError } from '../../../errors.ts';
import { extractStatements } from '../../design/statements.ts';
import { CodeIndex } from '../../retrieval/codeIndex.ts';
import type { AuditInput } from '../../sourceTree.ts';
import { Turns } from '../../turns.ts';
import { type Judged, verdicts } from '../../verdict.ts';
import type { Assignment, AuditEngine, EngineAnswer, Estimate } from '../engine.ts';
import { judge } from './judge.ts';

/** On one core of a small instance; a guess on the careful side. */
const bytesASecond = 1_000_000;

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

  async estimate({ files, designs }: AuditInput): Promise<Estimate> {
    const bytes = [...files, ...designs].reduce((sum, { text }) => sum + text.length, 0);
    const seconds = bytes / bytesASecond;
    return { parts: 1, calls: 0, inputTokens: 0, outputTokens: 0, costMicroUsd: 0, seconds };
  }

  async assess(
    { files, designs, question }: AuditInput,
    { signal }: Pick<Assignment, 'signal'>,
  ): Promise<EngineAnswer> {
    const statements = extractStatements(designs);
    if (statements.length === 0) {
      throw new AppError(
        'design-not-found',
        `The design (${designs.map(({ path }) => path).join(', ')}) states no requirement that could be found: no list, no table, no sentence with must, shall, should, will, never or a name in code marks.`,
      );
    }
    signal.throwIfAborted();
    const turns = new Turns(signal);
    const index = await CodeIndex.build(files, turns);
    const requirements: Judged[] = [];
    for (const statement of statements) requirements.push(await judge(statement, index, turns));
    return {
      summary: [describe(requirements), await answerQuestion(question, index, turns)]
        .filter(Boolean)
        .join(' '),
      requirements,
      findings: [],
      usage: null,
    };
  }
}

function describe(requirements: readonly Judged[]): string {
  const counts = verdicts
    .map((verdict) => ({ verdict, count: requirements.filter((r) => r.verdict === verdict).length }))
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => `${count} ${verdict.replace('_', ' ')}`);
  return `${requirements.length} requirement${requirements.length === 1 ? '' : 's'} found in the design: ${counts.join(', ')}.`;
}

/** Words cannot answer a question; where its terms stand is what this engine can say. */
async function answerQuestion(question: string | undefined, index: CodeIndex, turns: Turns): Promise<string> {
  if (question === undefined) return '';
  const { evidence } = await judge(
    {
      id: 'Q',
      requirement: question,
      obligation: 'may',
      design_file: '',
      design_line: 1,
      section: [],
    },
    index,
    turns,
  );
  const places = evidence.map(({ file, line }) => `${file}:${line}`).join(', ');
  return places
    ? `The lexical engine cannot answer questions; the terms of yours stand in ${places}.`
    : 'The lexical engine cannot answer questions, and the terms of yours do not stand together anywhere in the source.';
}
