import type { ToolAsk } from './toolAsk.ts';

/** What became of one request for a tool. */
export interface AskRecord {
  /** The answer, once one was acknowledged that is no failure: the same at every delivery. */
  result: string | undefined;
  /** Ids under which it was asked for and only failures came back: what they wanted may have been done or not. */
  failed: string[];
}

/** What the player of Vapi has seen; counts are of deliveries. */
export class Journal {
  sent = 0;
  acknowledged = 0;
  duplicates = 0;
  retries = 0;
  /** Why deliveries were made again. */
  readonly causes: Record<string, number> = {};
  /** Requests for an assistant that got no answer in time; Vapi asks once. */
  unanswered = 0;
  /** Calls that were answered with words of regret instead of an assistant. */
  turnedAway = 0;
  /** Tools the model asked for again, as they had failed. */
  askedAgain = 0;
  /** Questions to a tool that failed, and were left at that. */
  unhelped = 0;
  /** What must never be seen, the first few. */
  readonly faults: string[] = [];
  faultCount = 0;
  readonly asks = new Map<string, AskRecord>();

  fault(text: string): void {
    this.faultCount++;
    if (this.faults.length < 50) this.faults.push(text);
  }

  retried(cause: string): void {
    this.retries++;
    this.causes[cause] = (this.causes[cause] ?? 0) + 1;
  }

  ask({ id }: ToolAsk): AskRecord {
    let record = this.asks.get(id);
    if (!record) {
      record = { result: undefined, failed: [] };
      this.asks.set(id, record);
    }
    return record;
  }
}
