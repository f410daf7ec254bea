/* v8 ignore start -- runs in the tool's process */
import type { FromChild, ToChild } from '../frames.ts';
import type { ChildLimits } from '../limits.ts';
import type { Run } from './loadBundle.ts';
import type { MadeContext, makeContext } from './makeContext.ts';

/** What {@link serve} stands on. */
export interface Room {
  limits: ChildLimits;
  makeContext: typeof makeContext;
  say(frame: FromChild): void;
  /** After what the code has queued. */
  later(work: () => void): void;
  load(code: string): { frame: FromChild; run?: Run };
}

/** Does what the parent asks for; gives the handler of its frames. */
export function serve({ limits, makeContext, say, later, load }: Room): (frame: ToChild) => void {
  const calls = new Map<number, MadeContext>();
  let run: Run | undefined;

  const usual = ['TypeError', 'RangeError', 'SyntaxError', 'ReferenceError', 'URIError', 'AggregateError'];
  /** The kind of what was thrown and where; its message may hold what was said on the phone. */
  function describe(error: unknown): string {
    try {
      if (!(error instanceof Error)) return 'no Error';
      const { name, stack } = error as { name: unknown; stack?: unknown };
      const line = typeof stack === 'string' ? /\btool\.js:(\d{1,7})\b/.exec(stack)?.[1] : undefined;
      const kind = usual.find((known) => known === name) ?? 'Error';
      return line === undefined ? kind : `${kind} at line ${line}`;
    } catch {
      return 'no readable Error';
    }
  }
  function resultFrame(id: number, value: unknown): FromChild {
    try {
      const result = value === undefined ? 'null' : (JSON.stringify(value) as string | undefined);
      if (result !== undefined && result.length <= limits.result) return { kind: 'done', id, result };
    } catch {
      // A BigInt, a cycle, a toJSON that throws.
    }
    return { kind: 'failed', id, how: 'result', detail: '' };
  }
  function failureFrame(id: number, error: unknown, words: string | undefined): FromChild {
    if (words !== undefined) return { kind: 'failed', id, how: 'told', detail: words };
    return { kind: 'failed', id, how: 'threw', detail: describe(error) };
  }
  async function answer({ id, input, facts }: Extract<ToChild, { kind: 'call' }>): Promise<void> {
    const made = makeContext(id, facts, limits, say);
    calls.set(id, made);
    try {
      say(resultFrame(id, await run?.(input, made.context)));
    } catch (error) {
      say(failureFrame(id, error, made.wordsOf(error)));
    }
    calls.delete(id);
  }
  return (frame) => {
    if (frame.kind === 'load') {
      const loaded = load(frame.code);
      run = loaded.run;
      later(() => say(loaded.frame));
    } else if (frame.kind === 'call') void answer(frame);
    else if (frame.kind === 'abort') calls.get(frame.id)?.abort();
    else if (frame.kind === 'reply') calls.get(frame.id)?.reply(frame.ask, frame.reply);
    else say({ kind: 'pong', id: frame.id });
  };
}
/* v8 ignore stop */
