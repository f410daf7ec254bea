import { jsonBaselineParts } from '../packing/jsonBaseline.ts';
import { packFile } from '../packing/separatorFormat.ts';
import { baselineSystemPrompt, systemPrompt } from '../prompt.ts';
import type { AuditInput } from '../sourceTree.ts';
import type { Turns } from '../turns.ts';
import type { SectionCounts } from './sectionCounts.ts';
import type { TokenCounter } from './tokenCounter.ts';

/** Input tokens of one audit in two forms; both include system prompt and design. */
export interface InputTokens {
  json: number;
  packed: number;
}

/** Counts an input, what `sections` knows excepted. @throws what `turns` throws once its signal is aborted. */
export async function countInput(
  { files, designs }: AuditInput,
  counter: TokenCounter,
  sections: SectionCounts,
  turns: Turns,
): Promise<InputTokens> {
  const count = (texts: Iterable<string>) => sections.countAll(texts, counter, turns);
  const design = await count(designs.map(({ text }) => text));
  const json = (await count([baselineSystemPrompt])) + (await count(jsonBaselineParts(files)));
  const packed = (await count([systemPrompt])) + (await count(packedParts(files)));
  return { json: design + json, packed: design + packed };
}

function* packedParts(files: AuditInput['files']): Generator<string> {
  for (const file of files) yield packFile(file);
}
