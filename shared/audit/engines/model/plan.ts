import { extractStatements } from '../../design/statements.ts';
import type { AuditInput } from '../../sourceTree.ts';
import { packedSection } from '../../tokens/inputTokens.ts';
import type { SectionCounts } from '../../tokens/sectionCounts.ts';
import type { TokenCounter } from '../../tokens/tokenCounter.ts';
import type { Turns } from '../../turns.ts';
import type { Estimate } from '../engine.ts';
import type { CostOf } from './account.ts';
import { groupSize } from './assessment.ts';
import { mostPartsEach } from './candidates.ts';
import { confirmTokens, mostGapsEach } from './confirmation.ts';
import { pieceTokens } from './extraction.ts';
import { type CountedFile, cutIntoParts, type Part } from './parts.ts';
import { designBlock } from './prompts.ts';

/** What one audit asks about what. */
export interface Plan {
  counted: CountedFile[];
  parts: Part[];
  /** Empty where the design is too long to go along with every part. */
  design: { text: string; tokens: number };
  /** Tokens of the design, however long. */
  designTokens: number;
}

/** The task with its list of requirements, system prompt, schema, and what counts are off by. */
const taskTokens = 6_000;
/** A design that takes more of the prompt than this is represented by the requirements asked about. */
const mostDesignShare = 0.25;

/** Most tokens of source that go into one prompt with this design. */
export function sourceBudget(promptTokens: number, designTokens: number): number {
  const design = designTokens <= promptTokens * mostDesignShare ? designTokens : 0;
  return Math.max(1_000, promptTokens - design - taskTokens);
}

/** Counts a tree and cuts it into parts. `promptTokens`: what the model takes, or what is worth its price. */
export async function planAudit(
  { files, designs }: AuditInput,
  promptTokens: number,
  count: TokenCounter,
  sections: SectionCounts,
  turns: Turns,
): Promise<Plan> {
  const counted: CountedFile[] = [];
  for (const file of files) {
    counted.push({ file, tokens: await sections.count(packedSection(file), count, turns) });
  }
  const text = designBlock(designs);
  const tokens = count(text);
  const isShort = tokens <= promptTokens * mostDesignShare;
  return {
    counted,
    parts: cutIntoParts(counted, sourceBudget(promptTokens, tokens)),
    design: isShort ? { text, tokens } : { text: '', tokens: 0 },
    designTokens: tokens,
  };
}

/** Of a model: figures of ordinary deployments, on the slow side. */
const readASecond = 4_000;
const writtenASecond = 80;
const startSeconds = 2;
/** Tokens of a quoted requirement, and of a verdict with its quotes. */
const quoteTokens = 40;
const verdictTokens = 120;
/** Share of requirements that turn out to be gaps, for what is not known before. */
const gapShare = 0.3;

/** Calls of one kind: so many, each with so many tokens, and how many of them one after the other. */
interface Wave {
  count: number;
  input: number;
  output: number;
  inARow: number;
}

/** What an audit will need, by the plain reading of its design; the model may find somewhat more or fewer requirements. */
export function estimateAudit(
  { designs }: AuditInput,
  { parts, design, designTokens, counted }: Plan,
  { advice, concurrency, question }: { advice: boolean; concurrency: number; question: boolean },
  costOf: CostOf,
): Estimate {
  const requirements = Math.max(1, extractStatements(designs).length);
  const gaps = Math.ceil(requirements * gapShare);
  const each = Math.ceil((requirements * Math.min(parts.length, mostPartsEach)) / Math.max(1, parts.length));
  const groups = Math.ceil(each / groupSize);
  const partTokens = parts.reduce((sum, { tokens }) => sum + tokens, 0) / Math.max(1, parts.length);
  const small = Math.min(
    confirmTokens,
    counted.reduce((sum, { tokens }) => sum + tokens, 0),
  );
  const looks = Math.ceil(gaps / mostGapsEach) * (advice ? 2 : 1) + (question ? 1 : 0);
  const atOnce = (calls: number) => Math.ceil(calls / Math.max(1, concurrency));
  const pieces = Math.max(1, Math.ceil(designTokens / pieceTokens));
  const waves: Wave[] = [
    {
      count: pieces,
      input: designTokens / pieces + taskTokens,
      output: Math.ceil((requirements * quoteTokens) / pieces),
      inARow: atOnce(pieces),
    },
    {
      count: parts.length * groups,
      input: partTokens + design.tokens + taskTokens,
      output: Math.ceil(each / groups) * verdictTokens,
      inARow: atOnce(parts.length) * groups,
    },
    { count: looks, input: small + taskTokens, output: mostGapsEach * verdictTokens, inARow: atOnce(looks) },
  ];
  const sum = (of: (wave: Wave) => number) => waves.reduce((total, wave) => total + of(wave), 0);
  const costs = waves.map(({ count, input, output }) => {
    const cost = costOf({ input: Math.ceil(input), cached: 0, written: 0, output });
    return cost === undefined ? undefined : cost * count;
  });
  return {
    parts: parts.length,
    calls: sum(({ count }) => count),
    inputTokens: Math.ceil(sum(({ count, input }) => count * input)),
    outputTokens: sum(({ count, output }) => count * output),
    costMicroUsd: costs.includes(undefined)
      ? undefined
      : costs.reduce<number>((total, cost) => total + (cost ?? 0), 0),
    seconds: Math.ceil(
      sum(
        ({ inARow, input, output }) =>
          inARow * (startSeconds + input / readASecond + output / writtenASecond),
      ),
    ),
  };
}
