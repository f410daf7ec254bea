/** A reason to end without a verdict (exit code 2): the message says what is wrong and what to do. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** The service could not be reached, or was busy, for longer than is waited. */
export class GaveUp extends Failure {}

/** Anything thrown, in one sentence. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Failure) return error.message;
  if (error instanceof Error) return `${error.message || error.name}. This is a fault of the command itself.`;
  return String(error);
}

/** The code of a failed system call: `ENOENT`. */
export function codeOf(error: unknown): string | undefined {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return typeof code === 'string' ? code : undefined;
}
