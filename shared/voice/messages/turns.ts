import { itemsOf, membersOf, textOf } from './tolerant.ts';

/** Something said without a break by one side of a conversation, as it was heard or said. */
export interface Turn {
  role: 'user' | 'assistant';
  text: string;
}

/** Roles in every shape seen since 2024; system prompts and tool calls are no turns. */
const roles: Readonly<Record<string, Turn['role']>> = {
  user: 'user',
  customer: 'user',
  assistant: 'assistant',
  bot: 'assistant',
};

/** What was said, oldest first, by the first of these lists in which somebody says something. */
export function firstTurns(lists: readonly unknown[]): Turn[] {
  for (const list of lists) {
    const turns = itemsOf(list).flatMap(toTurn);
    if (turns.length > 0) return turns;
  }
  return [];
}

/** A message in Vapi's own form (`message`) or OpenAI's (`content`). */
function toTurn(item: unknown): Turn[] {
  const { role, message, content } = membersOf(item);
  const known = typeof role === 'string' && Object.hasOwn(roles, role) ? roles[role] : undefined;
  const text = textOf(message) ?? textOf(content);
  return known && text ? [{ role: known, text }] : [];
}
