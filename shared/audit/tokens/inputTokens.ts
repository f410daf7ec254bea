import { contentHash } from '../contentHash.ts';
import { jsonBaselineEntry, jsonBaselineStart } from '../packing/jsonBaseline.ts';
import { packFile } from '../packing/separatorFormat.ts';
import { baselineSystemPrompt, systemPrompt } from '../prompt.ts';
import type { AuditInput, SourceFile } from '../sourceTree.ts';
import type { Turns } from '../turns.ts';
import type { Section, SectionCounts } from './sectionCounts.ts';
import type { TokenCounter } from './tokenCounter.ts';

/** Input tokens of one audit in two forms; both include system prompt and design. */
export interface InputTokens {
  json: number;
  packed: number;
}

/** A file as it stands in a packed prompt. */
export const packedSection = (file: SourceFile): Section => ({
  key: `packed ${contentHash(file)} ${file.path}`,
  text: () => packFile(file),
});

const jsonSection = (file: SourceFile, isLast: boolean): Section => ({
  key: `json ${isLast ? 'last' : ''} ${contentHash(file)} ${file.path}`,
  text: () => jsonBaselineEntry(file, isLast),
});

/** Counts an input, what `sections` knows excepted. @throws what `turns` throws once its signal is aborted. */
export async function countInput(
  { files, designs }: AuditInput,
  counter: TokenCounter,
  sections: SectionCounts,
  turns: Turns,
): Promise<InputTokens> {
  const count = (list: Iterable<Section>) => sections.countAll(list, counter, turns);
  const design = await count(designs.map(({ text }) => ({ text })));
  const json = await count([{ text: baselineSystemPrompt }, { text: jsonBaselineStart }]);
  const packed = await count([{ text: systemPrompt }]);
  const last = files.length - 1;
  return {
    json: design + json + (await count(files.map((file, i) => jsonSection(file, i === last)))),
    packed: design + packed + (await count(files.map(packedSection))),
  };
}
