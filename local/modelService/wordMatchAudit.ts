/**
 * An audit by shared words, for people who try Gatehouse without an account. It reads the prompt as a model would, but
 * understands nothing: it looks for the source line that has most words in common with a line of the design. Its
 * verdicts show that the plumbing works and say nothing of the code.
 */
interface PromptSection {
  kind: string;
  name: string;
  text: string;
}

export interface WordMatchVerdict {
  requirement: string;
  verdict: 'partial' | 'not_assessable';
  reason: string;
  evidence: { file: string; quote: string }[];
}

export interface WordMatchAudit {
  requirements: WordMatchVerdict[];
  summary: string;
}

const header = /^#(FILE|HLD|TASK|QUESTION)_START#(?: (.*))?$/;
const escaped = /^\\(?=\\*#(?:FILE|HLD|TASK|QUESTION)_START#)/;
const mostRequirements = 200;
const leastSharedWords = 2;
/** A word in more lines than this tells none of them apart. */
const mostLines = 1_000;
const longestQuote = 300;
const listItem = /^\s*(?:[-*+]|\d+[.)])\s+(.+)$/;
const obliges = /\b(must|shall|should|will|never|always|required?)\b/i;

/** Sections of Gatehouse's packed prompt, in order, with escaped lines as they were. */
function sectionsOf(prompt: string): PromptSection[] {
  const sections: { kind: string; name: string; lines: string[] }[] = [];
  for (const line of prompt.split('\n')) {
    const [, kind, name = ''] = header.exec(line) ?? [];
    if (kind !== undefined) sections.push({ kind, name, lines: [] });
    else sections.at(-1)?.lines.push(line.replace(escaped, ''));
  }
  return sections.map(({ kind, name, lines }) => ({ kind, name: decode(name), text: lines.join('\n') }));
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

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

function judge(requirement: string, index: ReadonlyMap<string, readonly SourceLine[]>): WordMatchVerdict {
  const shared = new Map<SourceLine, number>();
  for (const word of wordsOf(requirement)) {
    const lines = index.get(word) ?? [];
    if (lines.length > mostLines) continue;
    for (const line of lines) shared.set(line, (shared.get(line) ?? 0) + 1);
  }
  const [best] = [...shared].sort(([, a], [, b]) => b - a);
  if (!best || best[1] < leastSharedWords) {
    const reason = 'Stand-in model: no line of the source shares enough words with this requirement.';
    return { requirement, verdict: 'not_assessable', reason, evidence: [] };
  }
  const [{ file, quote }, count] = best;
  const reason = `Stand-in model: one line of the source shares ${count} words with this requirement; nothing was understood.`;
  return { requirement, verdict: 'partial', reason, evidence: [{ file, quote }] };
}

/** The audit of a prompt packed by Gatehouse; undefined where the text is no such prompt. */
export function auditByWords(prompt: string): WordMatchAudit | undefined {
  const sections = sectionsOf(prompt);
  const design = sections.find(({ kind }) => kind === 'HLD');
  if (!design) return undefined;
  const index = indexLines(sections.filter(({ kind }) => kind === 'FILE'));
  const requirements = requirementLines(design.text).map((line) => judge(line, index));
  const found = requirements.filter(({ evidence }) => evidence.length > 0).length;
  const summary = `Stand-in model, no real one was called: of ${requirements.length} lines of the design, ${found} share words with a line of the source.`;
  return { requirements, summary };
}
