import { type GatehousePrompt, readPrompt } from '../../local/modelService/gatehousePrompt.ts';
import type { ModelRequest } from '../../local/modelService/modelRequest.ts';
import type { AnswerScript, Reply } from '../../local/modelService/reply.ts';
import { requirementLines } from '../../local/modelService/wordMatchAudit.ts';

export interface ScriptedOpinion {
  verdict: 'implemented' | 'partial' | 'missing' | 'contradicted' | 'not_assessable';
  reason?: string;
  evidence?: { file: string; quote: string }[];
}

export type Asking = 'extract' | 'assess' | 'confirm' | 'advise' | 'question';

export interface Script {
  /** What is thought of a requirement, from the files in the prompt alone. */
  opinion?:
    | ((requirement: string, files: readonly string[], asking: Asking) => ScriptedOpinion | undefined)
    | undefined;
  quotes?: (design: string) => string[];
  /** In place of the answer; undefined leaves it. `nth` counts requests of this kind from 1. */
  instead?: (asking: Asking, nth: number, prompt: GatehousePrompt) => Reply | undefined;
}

export function promptOf(request: ModelRequest): GatehousePrompt | undefined {
  return readPrompt(request.messages.flatMap(({ parts }) => parts.map(({ text }) => text)).join('\n'));
}

export function askingOf({ files, task, question }: GatehousePrompt): Asking {
  if (task.includes('List every requirement')) return 'extract';
  if (question !== undefined) return 'question';
  if (task.includes('what could be done about it')) return 'advise';
  return files.length > 0 && task.includes('A first reader') ? 'confirm' : 'assess';
}

/** A model that answers every question of an audit as the script says. */
export function scriptedModel({ opinion, quotes = requirementLines, instead }: Script = {}): AnswerScript {
  const counts = new Map<Asking, number>();
  return (request) => {
    const prompt = promptOf(request);
    if (!prompt) return { content: '{}' };
    const asking = askingOf(prompt);
    const nth = (counts.get(asking) ?? 0) + 1;
    counts.set(asking, nth);
    const other = instead?.(asking, nth, prompt);
    if (other) return other;
    return { content: JSON.stringify(answer(prompt, asking, { opinion, quotes })) };
  };
}

function answer(
  { files, designs, asked }: GatehousePrompt,
  asking: Asking,
  { opinion, quotes }: Pick<Required<Script>, 'quotes'> & Pick<Script, 'opinion'>,
) {
  if (asking === 'extract')
    return { requirements: designs.flatMap(({ text }) => quotes(text)).map((quote) => ({ quote })) };
  if (asking === 'advise')
    return { advice: asked.map(({ id, requirement }) => ({ id, advice: `Build this: ${requirement}` })) };
  const paths = files.map(({ name }) => name);
  const verdicts = asked.flatMap(({ id, requirement }) => {
    const said = opinion?.(requirement, paths, asking);
    if (!said) return [];
    return [{ id, verdict: said.verdict, evidence: said.evidence ?? [], reason: said.reason ?? 'So it is.' }];
  });
  return {
    verdicts: asking === 'question' ? [] : verdicts,
    note: asking === 'question' ? 'Forty-two.' : '',
  };
}
