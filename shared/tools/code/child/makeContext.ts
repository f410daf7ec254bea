/* v8 ignore start -- runs in the tool's process */
import type { CallFacts, FromChild, Reply } from '../frames.ts';
import type { ChildLimits } from '../limits.ts';

/** One call's context with what belongs to it. */
export interface MadeContext {
  context: object;
  /** An ask was answered. */
  reply(ask: number, reply: Reply): void;
  abort(): void;
  /** The words of `ctx.fail`, where this was thrown by it. */
  wordsOf(error: unknown): string | undefined;
}

/** What `run` gets beside its input. Asks go to the parent, so many at a time. */
export function makeContext(
  id: number,
  facts: CallFacts,
  limits: ChildLimits,
  say: (frame: FromChild) => void,
): MadeContext {
  const ended = new AbortController();
  const open = new Map<number, (reply: Reply) => void>();
  const told = new WeakMap<object, string>();
  /** Characters of a request without its body. */
  const longestHead = 16_384;
  let [asked, lines] = [0, 0];

  function refusal(code: string): Error {
    return Object.assign(new Error(`this was refused or failed: ${code}`), { code });
  }
  function ask(what: 'fetch' | 'secret', given: unknown): Promise<unknown> {
    if (asked >= limits.asks || open.size >= limits.asksAtOnce) return Promise.reject(refusal('too-many'));
    const number = asked++;
    return new Promise((resolve, reject) => {
      open.set(number, (reply) => (reply.ok ? resolve(reply.value) : reject(refusal(reply.code))));
      say({ kind: 'ask', id, ask: number, what, given });
    });
  }
  type Options = { method?: unknown; headers?: unknown; body?: unknown };
  type Answer = { status: number; headers: Record<string, string>; text: string; truncated: boolean };
  async function fetch(url: unknown, { method, headers, body }: Options = {}): Promise<object> {
    const given = JSON.stringify({ url: String(url), method, headers });
    if (body !== undefined && typeof body !== 'string') throw refusal('request');
    if (given.length > longestHead || (body ?? '').length > limits.fetchBytes) throw refusal('size');
    const answer = (await ask('fetch', { ...(JSON.parse(given) as object), body })) as Answer;
    return { ...answer, json: () => JSON.parse(answer.text) as unknown };
  }
  function log(event: unknown, fields: unknown = {}): void {
    if (++lines > limits.logLines) return;
    const text = JSON.stringify(fields) ?? '{}';
    const fits = text.length <= limits.logLine;
    say({
      kind: 'log',
      id,
      event: String(event).slice(0, 64),
      fields: fits ? text : '{"dropped":"too large"}',
    });
  }
  function fail(words: unknown): never {
    const error = new Error('the tool failed');
    told.set(error, String(words).slice(0, 500));
    throw error;
  }
  const { tenantId, caller, conversationId, idempotencyKey, askedAt, now } = facts;
  return {
    context: Object.freeze({
      tenantId,
      caller,
      conversationId,
      idempotencyKey,
      askedAt: new Date(askedAt),
      now: new Date(now),
      signal: ended.signal,
      fetch,
      // No secret has a longer name.
      secret: (name: unknown) => ask('secret', String(name).slice(0, 64)),
      log,
      fail,
    }),
    reply(number, reply) {
      const settle = open.get(number);
      open.delete(number);
      settle?.(reply);
    },
    abort: () => ended.abort(),
    wordsOf: (error) => (typeof error === 'object' && error !== null ? told.get(error) : undefined),
  };
}
/* v8 ignore stop */
