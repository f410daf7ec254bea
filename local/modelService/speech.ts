import type { Encoder } from './encoder.ts';
import type { ModelRequest } from './modelRequest.ts';
import type { Effort, ModelFacts } from './models.ts';
import type { Refuses, Says } from './reply.ts';

/** An answer measured and cut to its limit. */
export interface Speech {
  content: string | null;
  refusal: string | null;
  finish: 'stop' | 'length' | 'content_filter';
  /** Tokens of the answer, reasoning included. */
  outputTokens: number;
  reasoningTokens: number;
}

/** Invented, but ordered as the efforts are, so that reasoning shows in the usage and can use up a small limit. */
const reasoningTokens: Readonly<Record<Effort, number>> = {
  none: 0,
  minimal: 0,
  low: 64,
  medium: 128,
  high: 256,
  xhigh: 512,
  max: 1_024,
};

/** What is said within the output limit: reasoning comes first, and what is left is for the answer. */
export function speak(
  reply: Says | Refuses,
  { maxOutputTokens, effort }: ModelRequest,
  facts: ModelFacts,
  promptTokens: number,
  { encode, decode }: Encoder,
): Speech {
  const says: Says = 'refusal' in reply ? { content: null } : reply;
  const refusal = 'refusal' in reply ? reply.refusal : null;
  const room = Math.min(maxOutputTokens ?? facts.maxOutputTokens, facts.contextWindow - promptTokens);
  const thought =
    says.reasoningTokens ??
    (facts.defaultEffort === undefined ? 0 : reasoningTokens[effort ?? facts.defaultEffort]);
  const reasoning = Math.min(thought, room);
  const text = encode(refusal ?? says.content ?? '');
  const kept = text.slice(0, room - reasoning);
  const isCut = kept.length < text.length || reasoning < thought;
  const cut = (whole: string | null) => (isCut && whole !== null ? decode(kept) : whole);
  return {
    content: cut(says.content),
    refusal: cut(refusal),
    finish: says.finish ?? (isCut ? 'length' : 'stop'),
    outputTokens: reasoning + kept.length,
    reasoningTokens: reasoning,
  };
}
