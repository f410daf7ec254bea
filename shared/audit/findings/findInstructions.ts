import type { Finding } from '../finding.ts';
import { fingerprintOf } from '../fingerprint.ts';
import type { SourceFile } from '../sourceTree.ts';
import type { Turns } from '../turns.ts';
import { hiddenText, instructionRules } from './instructionRules.ts';

const mostFindings = 200;
const mostInFile = 20;
/** Longer lines are looked at in pieces of this length, which overlap. */
const longestPiece = 4_000;
const overlap = 400;

/** What every one of the patterns contains, so that most files are read once and most lines never. */
const trigger =
  /ignor|disregard|forget|overrid|bypass|instructions?\b|prompts?\b|implemented|satisfied|fulfilled|compliant|\bmet\b|pass(?:ed|ing)|complete|verified|correct|gaps?\b|findings?\b|violation|missing requirement|deviation|\bai\b|\bllm|\bgpt|language[- ]model|chatgpt|copilot|claude|chatbot|automated|\bmachine\b|auditor|reviewer|assistant|<\||\[\/?inst\]|<<\/?sys|system[_-](?:prompt|message|reminder)|#\s{0,2}(?:system|assistant|instruction)|#(?:file|hld|task|question)_start#/i;

interface Found {
  rule: string;
  what: string;
}

const hidden: Found = { rule: 'hidden-text', what: 'hides or reorders text with invisible characters' };

function findIn(line: string): Found | undefined {
  for (const { id, what, pattern } of instructionRules) if (pattern.test(line)) return { rule: id, what };
  return undefined;
}

/** What a piece of a line holds; a sentence may have begun in the comment line before it. */
function findInPiece(piece: string, previous: string): Found | undefined {
  if (hiddenText.test(piece)) return hidden;
  if (!trigger.test(piece)) return undefined;
  const found = findIn(piece);
  if (found) return found;
  const begun = previous.slice(-overlap);
  const joined = `${begun.trim()} ${piece.slice(0, overlap).replace(/^[\s/*#;-]+/, '')}`;
  return findIn(begun) ? undefined : findIn(joined);
}

interface Piece {
  line: number;
  text: string;
}

/** Lines, long ones in pieces. */
function* piecesOf(text: string): Generator<Piece> {
  let [line, start] = [1, 0];
  while (start <= text.length) {
    const lineEnd = text.indexOf('\n', start);
    const end = lineEnd === -1 ? text.length : lineEnd;
    for (let at = start; at === start || at < end; at += longestPiece - overlap)
      yield { line, text: text.slice(at, Math.min(end, at + longestPiece)) };
    start = end + 1;
    line++;
  }
}

async function findInFile({ path, text }: SourceFile, turns: Turns): Promise<Finding[]> {
  const findings: Finding[] = [];
  const counts = new Map<string, number>();
  let previous: Piece = { line: 0, text: '' };
  for (const piece of piecesOf(text)) {
    await turns.giveWay();
    const found = findInPiece(piece.text, previous.line < piece.line ? previous.text : '');
    previous = piece;
    if (!found || findings.at(-1)?.line === piece.line) continue;
    const nth = counts.get(found.rule) ?? 0;
    counts.set(found.rule, nth + 1);
    findings.push({
      kind: 'instruction',
      rule: found.rule,
      severity: 'medium',
      message: `This text ${found.what}. It was read as data and not followed; find out who put it there.`,
      file: path,
      line: piece.line,
      fingerprint: fingerprintOf('instruction', found.rule, path, String(nth)),
    });
    if (findings.length >= mostInFile) break;
  }
  return findings;
}

/**
 * Text in source that addresses whoever reads it as a model: that it drop its instructions or judge in a certain way,
 * frames of prompts, hidden characters. At most 200, and 20 of one file; ordered by file and line.
 */
export async function findInstructions(files: readonly SourceFile[], turns: Turns): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const file of files) {
    if (findings.length >= mostFindings) break;
    if (trigger.test(file.text) || hiddenText.test(file.text))
      findings.push(...(await findInFile(file, turns)));
    await turns.giveWay();
  }
  return findings.slice(0, mostFindings);
}
