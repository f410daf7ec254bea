import { z } from 'zod';
import { AppError } from '../../../errors.ts';
import { obligationOf } from '../../design/obligation.ts';
import { checkCount, extractStatements, numbered } from '../../design/statements.ts';
import { packPart } from '../../packing/separatorFormat.ts';
import type { SourceFile } from '../../sourceTree.ts';
import type { TokenCounter } from '../../tokens/tokenCounter.ts';
import type { Stated } from '../../verdict.ts';
import { cutOff } from '../openAi/heard.ts';
import type { StepMemory } from '../stepMemory.ts';
import type { Account } from './account.ts';
import { quoteShape } from './answers.ts';
import type { Asker } from './asker.ts';
import { groupsOf } from './assessment.ts';
import { extractionSystem, extractTask } from './prompts.ts';

/** A design is read in pieces of about so many tokens, cut at headings: long answers are cut off. */
export const pieceTokens = 12_000;
const longestRequirement = 2_000;

const rememberedQuotes = z.array(z.string());

export interface ExtractionDeps {
  asker: Asker;
  account: Account;
  steps: StepMemory;
  count: TokenCounter;
  /** Part of what a remembered step depends on. */
  fingerprint: string;
}

/**
 * The requirements of a design, asked of the model once for each piece of each file, by content. What the model quotes
 * must stand in the design.
 * @throws AppError `design-not-found` where nothing is required, `invalid-request` for more than one audit takes.
 */
export async function extractRequirements(
  designs: readonly SourceFile[],
  { asker, account, steps, count, fingerprint }: ExtractionDeps,
): Promise<Stated[]> {
  const pieces = designs.flatMap((design) => designPieces(design, count));
  account.stage('extracting', pieces.length);
  const found = await Promise.all(
    pieces.map(async (piece) => {
      const key = [fingerprint, piece.text];
      const known = await steps.get('extract', key, rememberedQuotes);
      const quotes = known ?? (await askWhole(piece, asker, count));
      const stated = placed(quotes, piece);
      // Nothing at all may be a bad answer, which must not stand for good.
      if (!known && stated.length > 0) await steps.put('extract', key, quotes);
      account.stepDone(known !== undefined);
      return stated;
    }),
  );
  const stated = found.flat();
  if (stated.length === 0)
    throw new AppError(
      'design-not-found',
      `The design (${designs.map(({ path }) => path).join(', ')}) states no requirement that could be found. Say what the system must, should or may do.`,
    );
  const whole = withLeftOut(stated, designs);
  checkCount(whole);
  return numbered(whole);
}

const binds = /\b(?:must|shall)\b/i;

/**
 * With what plainly obliges and was left out: a model that tires, or that a hidden line of the design talks into it, must
 * not decide what is audited.
 */
function withLeftOut(
  stated: readonly Omit<Stated, 'id'>[],
  designs: readonly SourceFile[],
): Omit<Stated, 'id'>[] {
  const told = stated.map((one) => ({ ...one, words: withoutMarks(squeezed(one.requirement)).text }));
  const isTold = (path: string, line: number, words: string) =>
    told.some(
      (one) =>
        one.design_file === path &&
        (one.design_line === line || one.words.includes(words) || words.includes(one.words)),
    );
  const leftOut = extractStatements(designs).filter(
    ({ requirement, design_file, design_line }) =>
      binds.test(requirement) && !isTold(design_file, design_line, withoutMarks(squeezed(requirement)).text),
  );
  const places = new Map(designs.map(({ path }, i) => [path, i]));
  const placeOfFile = ({ design_file }: { design_file: string }) => places.get(design_file) ?? 0;
  return [...stated, ...leftOut.map(({ id: _, ...one }) => one)].sort(
    (a, b) => placeOfFile(a) - placeOfFile(b) || a.design_line - b.design_line,
  );
}

interface Piece {
  path: string;
  text: string;
  /** 0-based line of the design at which it begins. */
  offset: number;
  /** Headings above its first line. */
  section: readonly string[];
}

/** An answer that was cut off is asked for again in halves. */
async function askWhole(piece: Piece, asker: Asker, count: TokenCounter): Promise<string[]> {
  try {
    return await ask(piece, asker, count);
  } catch (error) {
    const lines = piece.text.split('\n');
    const isCut = error instanceof AppError && error.details.reason === cutOff;
    if (!isCut || lines.length === 1) throw error;
    const quotes: string[] = [];
    for (const half of groupsOf(lines, Math.ceil(lines.length / 2)))
      quotes.push(...(await askWhole({ ...piece, text: half.join('\n') }, asker, count)));
    return quotes;
  }
}

async function ask({ path, text }: Piece, asker: Asker, count: TokenCounter): Promise<string[]> {
  const block = packPart('HLD', path, text);
  const { requirements } = await asker.ask({
    system: extractionSystem,
    blocks: [{ text: block, tokens: count(block) }],
    task: extractTask(),
    cacheKey: 'gatehouse-extract',
    shape: quoteShape,
    sourceTokens: 0,
  });
  return requirements.map(({ quote }) => quote);
}

const headingOf = (line: string) => /^(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line);

/** Updates the headings above a line. */
function under(section: readonly string[], line: string): readonly string[] {
  const heading = headingOf(line);
  const depth = heading?.[1]?.length ?? 0;
  return heading ? [...section.slice(0, depth - 1), heading[2] ?? ''] : section;
}

export function designPieces({ path, text }: SourceFile, count: TokenCounter): Piece[] {
  const pieces: Piece[] = [];
  let [open, tokens, offset]: [string[], number, number] = [[], 0, 0];
  let section: readonly string[] = [];
  let openSection = section;
  for (const [i, line] of text.split('\n').entries()) {
    const isFull = tokens > pieceTokens || (tokens > pieceTokens / 2 && headingOf(line) !== null);
    if (isFull) {
      pieces.push({ path, text: open.join('\n'), offset, section: openSection });
      [open, tokens, offset, openSection] = [[], 0, i, section];
    }
    section = under(section, line);
    open.push(line);
    tokens += count(`${line}\n`);
  }
  pieces.push({ path, text: open.join('\n'), offset, section: openSection });
  return pieces.filter((piece) => piece.text.trim() !== '');
}

const squeezed = (text: string) => text.replace(/\s+/g, ' ').trim();

/** The quotes that stand in the piece, in its order, each place once. */
function placed(quotes: readonly string[], { path, text, offset, section }: Piece): Omit<Stated, 'id'>[] {
  const { flat, lineAt } = flatten(text);
  const bare = withoutMarks(flat);
  const found = new Map<number, Omit<Stated, 'id'>>();
  const sections = sectionsOf(text, section);
  // The longest first: what another one begins with would take its place.
  const wanted = quotes
    .map((quote) => squeezed(quote).slice(0, longestRequirement))
    .sort((a, b) => b.length - a.length);
  for (const quote of wanted) {
    if (quote.length < 4) continue;
    const place = placeOf(quote, flat, bare, found);
    if (!place) continue;
    const line = lineAt(place.at);
    const requirement = flat.slice(place.at, place.end);
    found.set(place.at, {
      requirement,
      obligation: obligationOf(requirement),
      design_file: path,
      design_line: offset + line + 1,
      section: [...(sections[line] ?? section)].filter(Boolean),
    });
  }
  return [...found].sort(([a], [b]) => a - b).map(([, one]) => one);
}

/** Where a quote stands that nothing else has taken: to the letter, else but for the marks of Markdown, which models leave out. */
function placeOf(
  quote: string,
  flat: string,
  bare: Bare,
  taken: ReadonlyMap<number, unknown>,
): { at: number; end: number } | undefined {
  for (let at = flat.indexOf(quote); at >= 0; at = flat.indexOf(quote, at + 1))
    if (!taken.has(at)) return { at, end: at + quote.length };
  const plain = withoutMarks(quote).text;
  if (plain.length < 4) return undefined;
  for (let n = bare.text.indexOf(plain); n >= 0; n = bare.text.indexOf(plain, n + 1)) {
    const [at, last] = [bare.places[n] ?? 0, bare.places[n + plain.length - 1] ?? 0];
    if (!taken.has(at)) return { at, end: last + 1 };
  }
  return undefined;
}

/** A text without marks of Markdown, and where each of its characters stood. */
interface Bare {
  text: string;
  places: number[];
}

function withoutMarks(text: string): Bare {
  const places: number[] = [];
  for (let i = 0; i < text.length; i++) if (!/[*_`~\\]/.test(text.charAt(i))) places.push(i);
  return { text: places.map((i) => text.charAt(i)).join(''), places };
}

/** A text with its whitespace squeezed, and the 0-based line of any place in it. */
function flatten(text: string): { flat: string; lineAt(place: number): number } {
  const starts: number[] = [];
  let flat = '';
  for (const line of text.split('\n')) {
    const words = squeezed(line);
    const glue = flat === '' || words === '' ? '' : ' ';
    starts.push(flat.length + glue.length);
    flat += glue + words;
  }
  return { flat, lineAt: (place) => starts.findLastIndex((start) => start <= place) };
}

function sectionsOf(text: string, above: readonly string[]): (readonly string[])[] {
  let section = above;
  return text.split('\n').map((line) => {
    section = under(section, line);
    return section;
  });
}
