import type { Encoder } from './encoder.ts';
import type { ModelRequest } from './modelRequest.ts';

/** A prompt as the model reads it: one row of tokens, and the places a cache may end a prefix at. */
export interface PromptLayout {
  tokens: Int32Array;
  /** Ends of the marked content blocks, in order. */
  explicit: number[];
  /** End of the latest user or tool message; undefined where there is none. */
  implicit: number | undefined;
}

/** Tokens that frame messages. Their numbers are below those of any vocabulary. */
const frame = { start: -1, separator: -2, end: -3, name: -4, assistant: -5 };

/**
 * Lays out a prompt: tools and schema first, as the service renders them ahead of everything, then each message with
 * its three framing tokens, and three that begin the answer (OpenAI cookbook, "How to count tokens with tiktoken").
 */
export function layOut(request: ModelRequest, { encode }: Encoder): PromptLayout {
  const tokens: number[] = [];
  const add = (more: readonly number[]) => {
    for (const token of more) tokens.push(token);
  };
  const explicit: number[] = [];
  let implicit: number | undefined;
  for (const preface of [request.tools, request.format.kind === 'schema' ? request.format.schema : undefined])
    if (preface !== undefined) add(encode(JSON.stringify(preface)));
  for (const { role, name, parts } of request.messages) {
    add([frame.start, ...encode(role)]);
    if (name !== undefined) add([frame.name, ...encode(name)]);
    tokens.push(frame.separator);
    for (const { text, breakpoint } of parts) {
      add(encode(text));
      if (breakpoint) explicit.push(tokens.length);
    }
    tokens.push(frame.end);
    if (role === 'user' || role === 'tool') implicit = tokens.length;
  }
  add([frame.start, frame.assistant, frame.separator]);
  return { tokens: Int32Array.from(tokens), explicit, implicit };
}
