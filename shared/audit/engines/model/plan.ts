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
import { type CountedFile, cutIntoParts, type Part } from './parts.ts';
import { designBlock } from './prompts.ts';

/** What one audit asks about what. */
export interface Plan {
  counted: CountedFile[];
  parts: Part[];
  /** Empty where the design is too long to go along with every part. */
  design: { text: string; tokens: number };
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
  };
}

/** Of a model: figures of ordinary deployments, on the slow side. */
const readASecond = 4_000;
const writtenASecond = 50;
const startSeconds = 2;
const writtenEach = 180;
/** Share of requirements that turn out to be gaps, for what is not known before. */
const gapShare = 0.3;

/** What an audit will need, by the plain reading of its design; the model may find somewhat more or fewer requirements. */
export function estimateAudit(
  { designs }: AuditInput,
  { parts, design, counted }: Plan,
  { advice, concurrency, question }: { advice: boolean; concurrency: number; question: boolean },
  costOf: CostOf,
): Estimate {
  const requirements = Math.max(1, extractStatements(designs).length);
  const each = (requirements * Math.min(parts.length, mostPartsEach)) / Math.max(1, parts.length);
  const groups = Math.ceil(each / groupSize);
  const sourceTokens = counted.reduce((sum, { tokens }) => sum + tokens, 0);
  const small = Math.min(confirmTokens, sourceTokens);
  const looks = Math.ceil((requirements * gapShare) / mostGapsEach) * (advice ? 2 : 1) + (question ? 1 : 0);
  const reading = parts.flatMap(({ tokens }) =>
    Array<number>(groups).fill(tokens + design.tokens + taskTokens),
  );
  const inputs = [design.tokens + taskTokens, ...reading, ...Array<number>(looks).fill(small + taskTokens)];
  const outputs =
    requirements * 60 + parts.length * each * writtenEach + requirements * gapShare * writtenEach;
  const outputEach = Math.ceil(outputs / inputs.length);
  const costs = inputs.map((input) => costOf({ input, cached: 0, written: 0, output: outputEach }));
  const inputTokens = inputs.reduce((sum, tokens) => sum + tokens, 0);
  const waves = inputs.length / Math.max(1, Math.min(concurrency, Math.max(parts.length, looks)));
  return {
    parts: parts.length,
    calls: inputs.length,
    inputTokens,
    outputTokens: Math.ceil(outputs),
    costMicroUsd: costs.includes(undefined)
      ? undefined
      : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
    seconds: Math.ceil(
      waves * (startSeconds + inputTokens / inputs.length / readASecond + outputEach / writtenASecond),
    ),
  };
}
