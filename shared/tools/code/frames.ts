import { z } from 'zod';
import { boundedJson } from '../boundedJson.ts';
import type { LoadFault } from './failures.ts';

/** What a call is told beside its input. Times are ISO 8601. */
export interface CallFacts {
  tenantId: string;
  caller?: string | undefined;
  conversationId?: string | undefined;
  idempotencyKey: string;
  askedAt: string;
  now: string;
}

/** What became of an ask: a value, or why there is none. */
export type Reply = { ok: true; value: unknown } | { ok: false; code: string };

/** What a tool's process is told. Everything crosses as JSON text. */
export type ToChild =
  | { kind: 'load'; code: string }
  | { kind: 'call'; id: number; input: unknown; facts: CallFacts }
  | { kind: 'abort'; id: number }
  | { kind: 'ping'; id: number }
  | { kind: 'reply'; id: number; ask: number; reply: Reply };

/** What it says. `id` is that of the call; `definition`, `result` and `fields` are JSON texts in the text. */
export type FromChild =
  | { kind: 'loaded'; definition: string }
  | { kind: 'not-loaded'; reason: Extract<LoadFault, 'syntax' | 'exports'>; detail: string }
  | { kind: 'done'; id: number; result: string }
  /** `told`: in words meant for the model. */
  | { kind: 'failed'; id: number; how: 'told' | 'threw' | 'result'; detail: string }
  | { kind: 'ask'; id: number; ask: number; what: 'fetch' | 'secret'; given: unknown }
  | { kind: 'log'; id: number; event: string; fields: string }
  | { kind: 'pong'; id: number };

const id = z.int();
const detail = z.string().max(500);

const fromChild: z.ZodType<FromChild> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('loaded'), definition: z.string() }),
  z.object({ kind: z.literal('not-loaded'), reason: z.enum(['syntax', 'exports']), detail }),
  z.object({ kind: z.literal('done'), id, result: z.string() }),
  z.object({ kind: z.literal('failed'), id, how: z.enum(['told', 'threw', 'result']), detail }),
  z.object({
    kind: z.literal('ask'),
    id,
    ask: z.int(),
    what: z.enum(['fetch', 'secret']),
    given: z.unknown(),
  }),
  z.object({ kind: z.literal('log'), id, event: z.string(), fields: z.string() }),
  z.object({ kind: z.literal('pong'), id }),
]);

/** The largest frame holds a request's body, each character of which JSON may write as six. */
const largestFrame = 2 * 1024 * 1024;

/** A frame from a tool's process; undefined where it is none of ours. */
export function readFrame(message: unknown): FromChild | undefined {
  if (typeof message !== 'string') return undefined;
  return fromChild.safeParse(boundedJson(message, largestFrame)).data;
}
