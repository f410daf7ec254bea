import { isObject } from '../../isObject.ts';
import { membersOf, textOf } from './tolerant.ts';
import { firstTurns, type Turn } from './turns.ts';

/** What has been said so far, oldest first. A question of a running call says it beside its artifact. */
export function turnsOf(message: Record<string, unknown>): Turn[] {
  const artifact = membersOf(message.artifact);
  return firstTurns([
    message.messagesOpenAIFormatted,
    message.messages,
    message.conversation,
    artifact.messagesOpenAIFormatted,
    artifact.messages,
  ]);
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
