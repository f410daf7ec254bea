import { AppError } from '../../errors.ts';
import type { SourceFile } from '../sourceTree.ts';
import type { Stated } from '../verdict.ts';
import { type Block, blocksOf, type Cell } from './blocks.ts';
import { obligationOf } from './obligation.ts';
import { roleOf, type SectionRole } from './sections.ts';
import { sentencesOf } from './sentences.ts';

/** More in one audit are refused: what would be left out would pass. */
const mostRequirements = 2_000;
/** Longer ones are no sentence of a design; what follows is not looked at. */
const longestStatement = 4_000;

/** A requirement with what the engines that read it need beside its words. */
export interface Statement extends Stated {
  /** What introduces it: parent items, the line before its list, the sentence before it. */
  context: string;
  /** Of a table's row. */
  cells: readonly Cell[];
  /** It says what must not be. */
  prohibits: boolean;
  /** How plainly it obliges: by a modal verb, by standing in a list or table, or only as a fact that is told. */
  form: 'modal' | 'listed' | 'told';
}

const modal =
  /\b(?:must|shall|should|will|has to|have to|needs? to|is required|are required|may not|cannot|can't|never|always|at most|at least)\b/i;
const prohibition =
  /\b(?:must not|must never|mustn't|shall not|shall never|should not|should never|may not|may never|never|is not allowed|are not allowed|forbidden|prohibited)\b|\bthere (?:is|are) no\b/i;
const codeSpan = /`[^`]*\w[^`]*`/;
const route = /\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b[`*\s]+\/\S*/;
/** Whoever tells about himself, asks, or speaks of what was or might be, states no requirement. */
const narrative =
  /\b(?:I|we|our|us|let's|you|your)\b|\?\s*$|^(?:for example|for instance|note that|see|as described|as shown|this (?:document|section|page|chapter|design)|the following|figure|table)\b|\b(?:was|were|had been|used to|might|would|could)\b/i;
const fewestWords = { row: 3, introduced: 2, listed: 4, told: 5, measured: 4 };

/**
 * The statements of a design, in its order: list items, table rows and headings that name a route, and those sentences
 * of its prose that oblige or tell a fact. What only explains counts where it names something in code marks.
 */
export function extractStatements(designs: readonly SourceFile[]): Stated[] {
  return readStatements(designs).map(asStated);
}

/** A statement without what only its reading needs. */
export function asStated({
  id,
  requirement,
  obligation,
  design_file,
  design_line,
  section,
}: Statement): Stated {
  return { id, requirement, obligation, design_file, design_line, section };
}

/** The same statements with what stands around them. */
export function readStatements(designs: readonly SourceFile[]): Statement[] {
  return numbered(designs.flatMap(statementsOf));
}

/** Requirements with their ids, in their order. */
export function numbered<T>(requirements: readonly T[]): (T & { id: string })[] {
  return requirements.map((one, i) => ({ id: `R${i + 1}`, ...one }));
}

/** @throws AppError `invalid-request` for more requirements than one audit takes: those left out would count as met. */
export function checkCount({ length }: readonly unknown[]): void {
  if (length <= mostRequirements) return;
  throw new AppError(
    'invalid-request',
    `The design states ${length} requirements; one audit takes ${mostRequirements}. Audit its chapters one by one.`,
  );
}

type Unnumbered = Omit<Statement, 'id'>;

function statementsOf(design: SourceFile): Unnumbered[] {
  const blocks = blocksOf(design);
  const title = blocks.findIndex(({ kind }) => kind === 'heading');
  const hasSections = blocks.filter(({ kind }) => kind === 'heading').length > 1;
  return blocks.flatMap((block, i) => {
    // What stands below the title, before the first section, introduces.
    const isPreamble = hasSections && i > title && block.section.length <= 1 && isBeforeSections(blocks, i);
    const role = roleOf(block.section);
    if (role === 'silent') return [];
    return blockStatements(block, isPreamble ? 'explains' : role, design.path);
  });
}

const isBeforeSections = (blocks: readonly Block[], i: number) =>
  blocks.slice(0, i).filter(({ kind }) => kind === 'heading').length <= 1 && blocks[i]?.kind === 'paragraph';

function blockStatements(block: Block, role: SectionRole, path: string): Unnumbered[] {
  const explains = role === 'explains';
  if (block.kind === 'heading')
    return route.test(block.text) ? [stated(block, path, block.text, 0, 'listed', '')] : [];
  if (block.kind === 'row') {
    const counts = codeSpan.test(block.text) || route.test(block.text) || !explains;
    const isWordy = block.text.split(/\s+/).length >= fewestWords.row;
    return counts && isWordy ? [stated(block, path, block.text, 0, 'listed', '')] : [];
  }
  let before = '';
  return sentencesOf(block.text).flatMap(({ text, start }, n) => {
    const context = before;
    before = text;
    const form = formOf(block, text, explains, n);
    return form ? [stated(block, path, text, start, form, context)] : [];
  });
}

/** How a sentence obliges; undefined where it does not. */
function formOf(block: Block, text: string, explains: boolean, nth: number): Statement['form'] | undefined {
  const names = codeSpan.test(text) || route.test(text);
  const obliges = modal.test(text) && !/\?\s*$/.test(text);
  const size = text.split(/\s+/).length;
  if (explains) return names ? 'told' : undefined;
  if (block.kind === 'item') {
    if (text.endsWith(':') && !names) return undefined;
    if (obliges) return 'modal';
    const isOwn = nth === 0 || !narrative.test(text);
    const isIntroduced = block.parents.at(-1)?.endsWith(':') === true;
    const isShort = size < (isIntroduced ? fewestWords.introduced : fewestWords.listed);
    return names || (isOwn && !isShort) ? 'listed' : undefined;
  }
  if (text.endsWith(':') && !names) return undefined;
  if (obliges) return 'modal';
  if (names) return 'told';
  const fewest = /\d/.test(text) ? fewestWords.measured : fewestWords.told;
  return size >= fewest && !narrative.test(text) ? 'told' : undefined;
}

function stated(
  { lines, section, parents, cells }: Block,
  path: string,
  text: string,
  start: number,
  form: Statement['form'],
  before: string,
): Unnumbered {
  // A few words below an introduction say nothing without it.
  const introduction = parents.at(-1);
  const isFragment = text.split(/\s+/).length < 5 && introduction?.endsWith(':') === true;
  const whole = isFragment && introduction ? `${introduction} ${text}` : text;
  const around = [...parents, before].join(' ');
  return {
    requirement: whole.slice(0, longestStatement),
    obligation: obligationOf(modal.test(text) ? text : `${introduction ?? ''} ${text}`),
    design_file: path,
    design_line: lines.findLast((line) => line.start <= start)?.line ?? 1,
    section: [...section],
    context: around.slice(0, longestStatement),
    cells,
    prohibits: prohibition.test(text),
    form,
  };
}
