import { packPart } from '../../packing/separatorFormat.ts';
import { dataRule } from '../../prompt.ts';
import type { SourceFile } from '../../sourceTree.ts';
import type { Stated, Verdict } from '../../verdict.ts';

/** Part of every cache key: raise it when a word of a prompt changes. */
export const promptVersion = 2;

export const extractionSystem = `You read a High-Level Design and list what it requires. The design follows after "#HLD_START#", then the task.
${dataRule}`;

const rules = `Judge each requirement by the source above alone:
implemented; partial (some of it is there); missing (nothing of it is there); contradicted (the source does otherwise); not_assessable (source code cannot show it).
For implemented, partial and contradicted give evidence: the file's path and a quote of one to three lines, copied character for character from that file. A quote that is not in the file, or shorter than eight characters, does not count. For missing and not_assessable give none.
Use the ids of the list, each once. Give the reason in one plain sentence. Propose no changes. That nothing is amiss is a good answer.
${dataRule}`;

const listed = (requirements: readonly Pick<Stated, 'id' | 'requirement' | 'section'>[]) =>
  requirements
    .map(
      ({ id, requirement, section }) =>
        `${id}${section.length > 0 ? ` [${section.join(' / ')}]` : ''}: ${requirement}`,
    )
    .join('\n');

export function designBlock(designs: readonly SourceFile[]): string {
  return designs.map(({ path, text }) => packPart('HLD', path, text)).join('');
}

export function assessTask(requirements: readonly Stated[], isWholeTree: boolean): string {
  const scope = isWholeTree
    ? ''
    : 'The source above is a part of a larger tree; other parts are judged by themselves. Call missing what this part has nothing of.\n';
  return packPart('TASK', '', `${scope}${rules}\nThe requirements:\n${listed(requirements)}`);
}

export function confirmTask(gaps: readonly (Stated & { verdict: Verdict; reason: string })[]): string {
  const said = gaps
    .map(({ id, verdict, reason }) => `${id} was called ${verdict}: ${reason.replace(/\s+/g, ' ')}`)
    .join('\n');
  return packPart(
    'TASK',
    '',
    `A first reader found fault with the requirements below. The files above are those most likely to show otherwise. Look again, with an open mind, before a build fails for it.\n${rules}\nThe requirements:\n${listed(gaps)}\nWhat the first reader said:\n${said}`,
  );
}

export function questionTask(question: string): string {
  return (
    packPart(
      'TASK',
      '',
      `Answer the question below from the source and the design, in at most five sentences, in "note". Give no verdicts.\n${dataRule}`,
    ) + packPart('QUESTION', '', question)
  );
}

export function extractTask(): string {
  return packPart(
    'TASK',
    '',
    `List every requirement the design states, in its order: each sentence, list item or table row that says what the system must, should or may do, have or not do. Quote each one, copied character for character, without list marks and without the lines around it. Split nothing and merge nothing. Leave out headings, introductions, background, and what is said to be out of scope.\n${dataRule}`,
  );
}

export function adviceTask(gaps: readonly (Stated & { verdict: Verdict; reason: string })[]): string {
  const said = gaps
    .map(({ id, verdict, reason }) => `${id}: ${verdict}. ${reason.replace(/\s+/g, ' ')}`)
    .join('\n');
  return packPart(
    'TASK',
    '',
    `These requirements are not met. Say of each, in one or two plain sentences, what could be done about it and in which file.\n${dataRule}\nThe requirements:\n${listed(gaps)}\nWhat is amiss:\n${said}`,
  );
}
