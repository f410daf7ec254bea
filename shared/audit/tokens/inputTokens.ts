import { jsonBaselineParts } from '../packing/jsonBaseline.ts';
import { packFile } from '../packing/separatorFormat.ts';
import { baselineSystemPrompt, systemPrompt } from '../prompt.ts';
import type { AuditInput } from '../sourceTree.ts';
import type { Turns } from '../turns.ts';
import { countParts, type TokenCounter } from './tokenCounter.ts';

/** Input tokens of one audit in two forms; both include system prompt and design. */
export interface InputTokens {
  json: number;
  packed: number;
}

export async function countInput(input: AuditInput, count: TokenCounter, turns: Turns): Promise<InputTokens> {
  const design = await countParts(
    input.designs.map(({ text }) => text),
    count,
    turns,
  );
  const json = await countParts(jsonBaselineParts(input.files), count, turns);
  const packed = await countParts(input.files.map(packFile), count, turns);
  return { json: count(baselineSystemPrompt) + design + json, packed: count(systemPrompt) + design + packed };
}
