import { shortened } from '../shortened.ts';

/** Why a bundle is not served. */
export type LoadFault = 'size' | 'syntax' | 'exports' | 'timeout' | 'crash' | 'self-test';

/** A bundle that cannot be served. The message holds none of its code, its texts or its secrets: it may be stored and shown. */
export class ToolLoadError extends Error {
  override readonly name = 'ToolLoadError';
  readonly reason: LoadFault;

  constructor(reason: LoadFault, message: string) {
    super(shortened(message));
    this.reason = reason;
  }
}

const messages = {
  input: 'the arguments are larger than a code tool takes',
  busy: 'too many calls wait for the tool',
  resting: 'the tool crashed too often and rests',
  retired: 'this version of the tool has been retired',
  timeout: 'the tool did not answer in time',
  crash: 'the process of the tool ended while it ran',
  start: 'the tool could not be started again',
  threw: 'the tool threw',
  result: 'the tool gave no JSON value of an allowed size',
} as const;

/** Why a call gave nothing. The message is fit for logs: of what the code threw it has the kind and the line. */
export class CodeCallError extends Error {
  override readonly name = 'CodeCallError';
  readonly code: keyof typeof messages;

  constructor(code: keyof typeof messages, detail = '') {
    super(detail ? `${messages[code]}: ${detail}` : messages[code]);
    this.code = code;
  }
}
