import { isObject, itemsOf, membersOf, textOf } from './tolerant.ts';

/** One turn of a conversation, as it was heard or said. */
export interface Turn {
  role: 'user' | 'assistant';
  text: string;
}

/** Roles in every shape seen since 2024; system prompts and tool calls are no turns. */
const roles: Readonly<Record<string, Turn['role']>> = {
  user: 'user',
  assistant: 'assistant',
  bot: 'assistant',
};

/** A list of messages in Vapi's own form (`message`) or OpenAI's (`content`). */
function turnsIn(list: unknown): Turn[] {
  return itemsOf(list).flatMap((item) => {
    const { role, message, content } = membersOf(item);
    const known = typeof role === 'string' && Object.hasOwn(roles, role) ? roles[role] : undefined;
    const text = textOf(content) ?? textOf(message);
    return known && text ? [{ role: known, text }] : [];
  });
}

/** What has been said so far, oldest first, from wherever a message carries it. */
export function turnsOf(message: Record<string, unknown>): Turn[] {
  const artifact = membersOf(message.artifact);
  const places = [
    message.messagesOpenAIFormatted,
    message.messages,
    message.conversation,
    artifact.messagesOpenAIFormatted,
    artifact.messages,
  ];
  for (const place of places) {
    const turns = turnsIn(place);
    if (turns.length > 0) return turns;
  }
  return [];
}

/** What was said longer ago says nothing of what is wanted now. */
const mostCharacters = 2_000;

/** The caller's last turns, joined: what they want now. */
export function lastWanted(message: Record<string, unknown>, most = 3): string {
  const said = turnsOf(message).filter(({ role }) => role === 'user');
  return said
    .slice(-most)
    .map(({ text }) => text)
    .join(' ')
    .slice(-mostCharacters);
}

/** Texts among a model's own parameters: `{"department": "billing"}` gives `billing`. */
export function wordsOf(parameters: unknown): string {
  if (!isObject(parameters)) return '';
  return Object.values(parameters)
    .flatMap((value) => textOf(value) ?? [])
    .join(' ');
}
