import type { Dice } from './dice.ts';
import type { Step } from './plannedCall.ts';
import type { ToolAsk } from './toolAsk.ts';

/** A message at its time, before chance has had its way with the deliveries. */
export interface Timed {
  at: number;
  message: Record<string, unknown>;
  asks?: readonly ToolAsk[];
  /** Keeps its place: the assistant is asked for first, and the model waits for its tools. */
  isFixed?: boolean;
  /** The message as it is signed and sent again. */
  again?: Record<string, unknown>;
}

/** Places that a message which waits for no answer can come early or late by. */
const farthest = 3;

/** Deliveries of one call: in the order of their times, some of them early or late, some twice. */
export function arrange(dice: Dice, messages: readonly Timed[]): Step[] {
  const inTime = messages.toSorted((a, b) => a.at - b.at);
  const keyed = inTime.map((timed, i) => {
    const shift = timed.isFixed || dice.chance(0.75) ? 0 : dice.int(-farthest, farthest) + 0.5;
    return { timed, key: Math.max(i + shift, i === 0 ? 0 : 0.5) };
  });
  const steps: Step[] = [];
  const later: { after: number; step: Step }[] = [];
  for (const [i, { timed }] of keyed.sort((a, b) => a.key - b.key).entries()) {
    const step = toStep(dice, timed);
    steps.push(step);
    // Vapi asks for an assistant once: what does not come in time is of no use any more.
    if (isAskedOnce(timed) || !dice.chance(timed.asks ? 0.25 : 0.08)) continue;
    const repeat = {
      ...step,
      message: timed.again ?? timed.message,
      waits: false,
      copies: 1,
      isRepeat: true,
    };
    later.push({ after: i + dice.int(0, 6), step: repeat });
  }
  for (const { after, step } of later.sort((a, b) => b.after - a.after)) steps.splice(after + 1, 0, step);
  return steps;
}

const isAskedOnce = ({ message }: Timed) => message.type === 'assistant-request';

function toStep(dice: Dice, timed: Timed): Step {
  const { message, asks = [], isFixed = false } = timed;
  return {
    messageId: `msg_${dice.uuid()}`,
    message,
    asks,
    waits: isFixed,
    copies: !isAskedOnce(timed) && dice.chance(0.08) ? dice.int(2, 3) : 1,
    isRepeat: false,
  };
}
