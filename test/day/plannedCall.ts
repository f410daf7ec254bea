import type { Caller } from './caller.ts';
import type { CallFrame, CallTruth } from './callShape.ts';
import type { Amended } from './endMessages.ts';
import type { ToolAsk } from './toolAsk.ts';

/** A delivery to be made: a message, alone or with copies of itself at the same moment. */
export interface Step {
  /** The same for every delivery of this message. */
  messageId: string;
  message: Record<string, unknown>;
  asks: readonly ToolAsk[];
  /** The call goes on only once this is answered. */
  waits: boolean;
  copies: number;
  /** The message has been delivered before. */
  isRepeat: boolean;
}

/** One call: what is true of it, which of that is told, and the deliveries that tell it, in order. */
export interface PlannedCall {
  frame: CallFrame;
  truth: CallTruth;
  /** Undefined for a line that is nobody's. */
  tenantId: string | undefined;
  caller: Caller;
  credential: 'secret' | 'hmac';
  /** In the order in which the model asks. */
  asks: readonly ToolAsk[];
  isReported: boolean;
  /** When the report was made, epoch milliseconds. */
  reportedAt: number;
  /** A second report, later and different. */
  amended: Amended | undefined;
  /** A status says that the call began, or ended. */
  isStartTold: boolean;
  isEndTold: boolean;
  hangs: number;
  /** Put through to a number. */
  isForwarded: boolean;
  steps: readonly Step[];
}

/** Calls of one caller, one after the other: a person has one telephone. */
export interface Thread {
  calls: readonly PlannedCall[];
}
