import { AppError } from '../../../errors.ts';
import { claimsOf } from '../../design/claims.ts';
import { checkCount, readStatements, type Statement } from '../../design/statements.ts';
import { CodeIndex } from '../../retrieval/codeIndex.ts';
import type { AuditInput } from '../../sourceTree.ts';
import { readStructure } from '../../structure/codeStructure.ts';
import { undocumentedIn } from '../../structure/undocumented.ts';
import { Turns } from '../../turns.ts';
import type { Judged } from '../../verdict.ts';
import type { Assignment, AuditEngine, EngineAnswer, Estimate } from '../engine.ts';
import { describeVerdicts } from '../summary.ts';
import type { Tree } from './check.ts';
import { quote, tellingPlaces } from './evidence.ts';
import { judge } from './judge.ts';
import { read } from './reading.ts';
import { claimName } from './routeChecks.ts';

/** On one core of a small instance; a guess on the careful side. */
const bytesASecond = 1_000_000;
/** Below this share the words of a question stand together by chance. */
const leastShare = 0.3;

/** Part of the cache key: raise it when the same input would be judged otherwise. */
const version = 3;

/**
 * An audit without a model: what the design names (routes, settings, fields, names, numbers) is looked up in the
 * structure of the code, and prose is judged by where its words stand together. Deterministic. It sees form and
 * vocabulary, not behaviour, and says so.
 */
export class LexicalEngine implements AuditEngine {
  readonly name = 'lexical';
  readonly model = null;
  readonly fingerprint = `lexical/${version}`;
  readonly note =
    'No model was called. The lexical engine looks up the routes, settings, names, fields and numbers of the design in the code and finds where the words of a requirement stand together. It sees form and vocabulary, not behaviour: what only running code or people can show, it calls not assessable.';

  async estimate({ files, designs }: AuditInput): Promise<Estimate> {
    statementsOf(designs);
    const bytes = [...files, ...designs].reduce((sum, { text }) => sum + text.length, 0);
    const seconds = bytes / bytesASecond;
    return { parts: 1, calls: 0, inputTokens: 0, outputTokens: 0, costMicroUsd: 0, seconds };
  }

  async assess(
    { files, designs, question }: AuditInput,
    {
      signal,
      options,
      progress,
    }: Pick<Assignment, 'signal'> & Partial<Pick<Assignment, 'options' | 'progress'>>,
  ): Promise<EngineAnswer> {
    const statements = statementsOf(designs);
    signal.throwIfAborted();
    const turns = new Turns(signal);
    const steps = statements.length;
    const tell = (stage: 'reading' | 'assessing' | 'done', stepsDone: number) =>
      progress?.({ stage, stepsDone, steps, tokens: 0, costMicroUsd: 0 });
    tell('reading', 0);
    const index = await CodeIndex.build(files, turns);
    const structure = await readStructure(index.files, turns);
    const designRoutes = new Set(
      statements.flatMap((statement) => claimsOf(statement).routes.map(claimName)),
    );
    const tree: Tree = { index, structure, designRoutes };
    const requirements: Judged[] = [];
    for (const [i, statement] of statements.entries()) {
      requirements.push(await judge(statement, tree, options?.advice ?? false, turns));
      if (i % 20 === 0) tell('assessing', i);
      await turns.giveWay();
    }
    const findings = undocumentedIn(structure, designs, statements);
    tell('done', steps);
    return {
      summary: [describeVerdicts(requirements), answerQuestion(question, tree)].filter(Boolean).join(' '),
      requirements,
      findings,
      usage: null,
    };
  }
}

function statementsOf(designs: AuditInput['designs']): Statement[] {
  const statements = readStatements(designs);
  checkCount(statements);
  if (statements.length > 0) return statements;
  throw new AppError(
    'design-not-found',
    `The design (${designs.map(({ path }) => path).join(', ')}) states no requirement that could be found: no list, no table, no sentence that obliges or tells a fact, no name in code marks.`,
  );
}

/** Words cannot answer a question; where its terms stand is what this engine can say. */
function answerQuestion(question: string | undefined, tree: Tree): string {
  if (question === undefined) return '';
  const reading = read(
    {
      id: 'Q',
      requirement: question,
      obligation: 'may',
      design_file: '',
      design_line: 1,
      section: [],
      context: '',
      cells: [],
      prohibits: false,
      form: 'told',
    },
    tree,
  );
  const isTogether = (reading.passages[0]?.share ?? 0) >= leastShare;
  const evidence = isTogether ? quote(tellingPlaces(reading, tree, 3), tree) : [];
  const places = evidence.map(({ file, line }) => `${file}:${line}`).join(', ');
  return places
    ? `The lexical engine cannot answer questions; the terms of yours stand in ${places}.`
    : 'The lexical engine cannot answer questions, and the terms of yours do not stand together anywhere in the source.';
}
