import { type PromptSection, readPrompt } from './gatehousePrompt.ts';

/**
 * An audit by shared words, for people who try Gatehouse without an account. It reads the prompt as a model would, but
 * understands nothing: it looks for the source line that has most words in common with a requirement. Its verdicts
 * show that the plumbing works and say nothing of the code.
 */
export interface WordMatchVerdict {
  id: string;
  verdict: 'partial' | 'not_assessable';
  reason: string;
  evidence: { file: string; quote: string }[];
}

/** Members for every shape that Gatehouse asks for; a request's own schema picks among them. */
export interface WordMatchAudit {
  requirements: { quote: string }[];
  verdicts: WordMatchVerdict[];
  advice: { id: string; advice: string }[];
  note: string;
}

const mostRequirements = 200;
const leastSharedWords = 2;
/** A word in more lines than this tells none of them apart. */
const mostLines = 1_000;
const longestQuote = 300;
const listItem = /^\s*(?:[-*+]|\d+[.)])\s+(.+)$/;
const obliges = /\b(must|shall|should|will|never|always|required?)\b/i;

/** Lines of a design that state something: list items, and lines with a word that obliges. */
export function requirementLines(design: string): string[] {
  return design
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .map((line) => ({ line, item: listItem.exec(line)?.[1] }))
    .filter(({ line, item }) => item !== undefined || obliges.test(line))
    .map(({ line, item }) => (item ?? line).trim())
    .slice(0, mostRequirements);
}

/** Telling words of a text: at least four letters, names split at their case changes, lower case. */
function wordsOf(text: string): Set<string> {
  const found = text.match(/[A-Z]?[a-z]+|[A-Z]+/g) ?? [];
  return new Set(found.map((word) => word.toLowerCase()).filter((word) => word.length >= 4));
}

interface SourceLine {
  file: string;
  quote: string;
}

/** Lines of the source by the words in them. */
function indexLines(files: readonly PromptSection[]): Map<string, SourceLine[]> {
  const index = new Map<string, SourceLine[]>();
  for (const { name, text } of files) {
    for (const line of text.split('\n')) {
      const quote = line.trim().slice(0, longestQuote);
      if (quote.replace(/\s/g, '').length < 8) continue;
      const place = { file: name, quote };
      for (const word of wordsOf(quote)) {
        const lines = index.get(word);
        if (lines) lines.push(place);
        else index.set(word, [place]);
      }
    }
  }
  return index;
}

function judge(
  { id, requirement }: { id: string; requirement: string },
  index: ReadonlyMap<string, readonly SourceLine[]>,
): WordMatchVerdict {
  const shared = new Map<SourceLine, number>();
  for (const word of wordsOf(requirement)) {
    const lines = index.get(word) ?? [];
    if (lines.length > mostLines) continue;
    for (const line of lines) shared.set(line, (shared.get(line) ?? 0) + 1);
  }
  const [best] = [...shared].sort(([, a], [, b]) => b - a);
  if (!best || best[1] < leastSharedWords) {
    const reason = 'Stand-in model: no line of the source shares enough words with this requirement.';
    return { id, verdict: 'not_assessable', reason, evidence: [] };
  }
  const [{ file, quote }, count] = best;
  const reason = `Stand-in model: one line of the source shares ${count} words with this requirement; nothing was understood.`;
  return { id, verdict: 'partial', reason, evidence: [{ file, quote }] };
}

/** The answer to a prompt packed by Gatehouse; undefined where the text is no such prompt. */
export function auditByWords(prompt: string): WordMatchAudit | undefined {
  const read = readPrompt(prompt);
  if (!read) return undefined;
  const index = indexLines(read.files);
  return {
    requirements: read.designs.flatMap(({ text }) => requirementLines(text)).map((quote) => ({ quote })),
    verdicts: read.asked.map((one) => judge(one, index)),
    advice: read.asked.map(({ id }) => ({ id, advice: 'Stand-in model: it has no advice.' })),
    note:
      read.question === undefined
        ? ''
        : 'Stand-in model: no real one was called, and nothing was understood.',
  };
}
