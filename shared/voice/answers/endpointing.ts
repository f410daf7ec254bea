import { turnsOf } from '../messages/conversation.ts';

/** Seconds of silence after which a turn counts as over. Vapi's own defaults for the first three. */
const seconds = { sentence: 0.1, number: 0.5, unfinished: 1.5, dictation: 2.5 } as const;

/** What the receptionist asks for that people say in pieces, thinking in between. */
const dictated = /\b(number|address|e-?mail|spell|spelling|postcode|zip|date of birth|name)\b/i;
const trailing = /(?:\b(?:and|or|but|so|because|um|uh|er|like|the|a|an|my|to|with|is|it's)|,|\.\.\.|…)\s*$/i;

/** The answer to `call.endpointing.request`: how long to wait before the caller's turn counts as over. */
export function answerEndpointing(message: Record<string, unknown>): { timeoutSeconds: number } {
  const turns = turnsOf(message);
  const said = turns.at(-1)?.role === 'user' ? (turns.at(-1)?.text ?? '') : '';
  const asked = turns.findLast(({ role }) => role === 'assistant')?.text ?? '';
  if (dictated.test(asked) && /\?\s*$/.test(asked)) return { timeoutSeconds: seconds.dictation };
  if (trailing.test(said)) return { timeoutSeconds: seconds.unfinished };
  if (/[.!?]\s*$/.test(said)) return { timeoutSeconds: seconds.sentence };
  return { timeoutSeconds: /\d\s*$/.test(said) ? seconds.number : seconds.unfinished };
}
