import { membersOf, textOf } from './tolerant.ts';
import { firstTurns, type Turn } from './turns.ts';

type Message = Readonly<Record<string, unknown>>;

/** Who speaks, as Vapi writes it at the beginning of a line. */
const speakers = { assistant: 'AI', user: 'User' } as const satisfies Record<Turn['role'], string>;

/**
 * What was said in a call, one utterance a line, as Vapi writes it: `AI: …` and `User: …`. Taken from the artifact or,
 * in older shapes, the message, or else put together from the messages. Undefined where nothing was said.
 */
export function readTranscript(message: Message): string | undefined {
  const written = textOf(membersOf(message.artifact).transcript) ?? textOf(message.transcript);
  if (written !== undefined) return written.toWellFormed();
  const lines = utterancesOf(message).map(({ role, text }) => `${speakers[role]}: ${text}`);
  return lines.length > 0 ? lines.join('\n').toWellFormed() : undefined;
}

/** How often the word passed between caller and assistant: what one says in several utterances on end is one turn. */
export function countTurns(message: Message): number | undefined {
  const utterances = utterancesOf(message);
  const turns = utterances.filter(({ role }, i) => role !== utterances[i - 1]?.role).length;
  return turns > 0 ? turns : undefined;
}

/** One utterance of a transcript; without a role where it begins with no speaker we know. */
export type Utterance = Partial<Pick<Turn, 'role'>> & Pick<Turn, 'text'>;

/** The utterances of a transcript as {@link readTranscript} gives it. A line without a speaker goes on with the one before. */
export function readUtterances(transcript: string): Utterance[] {
  const said: Utterance[] = [];
  for (const line of transcript.split(/\r?\n/)) {
    const [, speaker, words = ''] = /^(AI|User): ?(.*)$/.exec(line) ?? [];
    const before = said.at(-1);
    if (speaker !== undefined) said.push({ role: speaker === 'AI' ? 'assistant' : 'user', text: words });
    else if (before) before.text += `\n${line}`;
    else said.push({ text: line });
  }
  return said.map(({ text, ...rest }) => ({ ...rest, text: text.trim() })).filter(({ text }) => text !== '');
}

/** A report says it in its artifact; in 2024 the artifact's list could be empty beside a full one. */
function utterancesOf(message: Message): Turn[] {
  const artifact = membersOf(message.artifact);
  return firstTurns([
    artifact.messages,
    message.messages,
    artifact.messagesOpenAIFormatted,
    message.messagesOpenAIFormatted,
    message.conversation,
  ]);
}
