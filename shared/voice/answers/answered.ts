import type { Logger } from '../../telemetry/logger.ts';
import type { Delivery } from '../messages/envelope.ts';

/** One authenticated delivery. */
export interface Incoming extends Delivery {
  /** The body as received. */
  bytes: Uint8Array;
  log: Logger;
  /** `performance.now()` when it began. */
  started: number;
}

/** An answer, and what it says of itself in the log line. */
export interface Answered {
  /** An object, or JSON text that is ready to be sent. */
  body: object | string;
  tenant?: string | undefined;
  tools?: string[];
  outcome?: string;
}
