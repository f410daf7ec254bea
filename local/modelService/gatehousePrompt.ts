/** A section of one of Gatehouse's packed prompts, with escaped lines as they were. */
export interface PromptSection {
  kind: 'FILE' | 'HLD' | 'TASK' | 'QUESTION';
  name: string;
  text: string;
}

/** What a prompt of Gatehouse asks. */
export interface GatehousePrompt {
  files: readonly PromptSection[];
  designs: readonly PromptSection[];
  task: string;
  question: string | undefined;
  /** The requirements in the task's list; none where the task is to find them. */
  asked: readonly { id: string; requirement: string }[];
}

const header = /^#(FILE|HLD|TASK|QUESTION)_START#(?: (.*))?$/;
const escaped = /^\\(?=\\*#(?:FILE|HLD|TASK|QUESTION)_START#)/;
const listed = /^(R\d+)(?: \[[^\]]*\])?: (.+)$/;

/** A prompt as it was meant; undefined for the text of somebody else. */
export function readPrompt(prompt: string): GatehousePrompt | undefined {
  const sections = sectionsOf(prompt);
  const of = (kind: PromptSection['kind']) => sections.filter((section) => section.kind === kind);
  const [task] = of('TASK');
  if (!task) return undefined;
  const list = task.text.split(/^The requirements:$/m)[1]?.split(/^What .*:$/m)[0] ?? '';
  return {
    files: of('FILE'),
    designs: of('HLD'),
    task: task.text,
    question: of('QUESTION')[0]?.text.trim(),
    asked: list.split('\n').flatMap((line) => {
      const [, id, requirement] = listed.exec(line) ?? [];
      return id === undefined || requirement === undefined ? [] : [{ id, requirement }];
    }),
  };
}

function sectionsOf(prompt: string): PromptSection[] {
  const sections: { kind: PromptSection['kind']; name: string; lines: string[] }[] = [];
  for (const line of prompt.split('\n')) {
    const [, kind, name = ''] = header.exec(line) ?? [];
    if (kind !== undefined) sections.push({ kind: kind as PromptSection['kind'], name, lines: [] });
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
