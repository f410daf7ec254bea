import { itemsOf, membersOf, textOf } from './tolerant.ts';

type Message = Readonly<Record<string, unknown>>;

interface Utterance {
  speaker: 'AI' | 'User';
  text: string;
}

const speakers: Readonly<Record<string, Utterance['speaker']>> = {
  user: 'User',
  customer: 'User',
  bot: 'AI',
  assistant: 'AI',
};

/**
 * What was said in a call, one utterance a line, as Vapi writes it: `AI: …` and `User: …`. Taken from the artifact or,
 * in older shapes, the message, or else put together from the messages. Undefined where nothing was said.
 */
export function readTranscript(message: Message): string | undefined {
  const written = textOf(membersOf(message.artifact).transcript) ?? textOf(message.transcript);
  if (written !== undefined) return written.toWellFormed();
  const lines = utterancesOf(message).map(({ speaker, text }) => `${speaker}: ${text}`);
  return lines.length > 0 ? lines.join('\n').toWellFormed() : undefined;
}

/** How often the word passed between caller and assistant: what one says in several utterances on end is one turn. */
export function countTurns(message: Message): number | undefined {
  const utterances = utterancesOf(message);
  const turns = utterances.filter(({ speaker }, i) => speaker !== utterances[i - 1]?.speaker).length;
  return turns > 0 ? turns : undefined;
}

/** The first list in which somebody says something; in 2024 the artifact's could be empty beside a full one. */
function utterancesOf(message: Message): Utterance[] {
  const artifact = membersOf(message.artifact);
  const lists = [
    artifact.messages,
    message.messages,
    artifact.messagesOpenAIFormatted,
    message.messagesOpenAIFormatted,
    message.conversation,
  ];
  for (const list of lists) {
    const said = itemsOf(list).flatMap(toUtterance);
    if (said.length > 0) return said;
  }
  return [];
}

function toUtterance(item: unknown): Utterance[] {
  const { role, message, content } = membersOf(item);
  const speaker = typeof role === 'string' && Object.hasOwn(speakers, role) ? speakers[role] : undefined;
  const text = textOf(message) ?? textOf(content);
  return speaker && text ? [{ speaker, text }] : [];
}
