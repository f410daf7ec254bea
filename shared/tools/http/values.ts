import type { ToolContext } from '../tool.ts';
import type { Part, Placeholder } from './template.ts';

/** What a definition may use of the call it runs in. */
export const contextNames = [
  'caller',
  'tenantId',
  'conversationId',
  'idempotencyKey',
  'now',
] as const satisfies (keyof ToolContext)[];

/** The value of a placeholder; undefined where there is none. */
export type Lookup = (placeholder: Placeholder) => unknown;

/** Arguments, and what is known of the call. `now` is an ISO 8601 time in UTC. */
export function lookupIn(input: Record<string, unknown>, context: ToolContext): Lookup {
  const known: Record<string, string | undefined> = {
    caller: context.caller,
    tenantId: context.tenantId,
    conversationId: context.conversationId,
    idempotencyKey: context.idempotencyKey,
    now: context.now.toISOString(),
  };
  return ({ kind, name }) => {
    if (kind === 'argument') return Object.hasOwn(input, name) ? input[name] : undefined;
    return kind === 'context' ? known[name] : undefined;
  };
}

/**
 * A text with its placeholders filled in. One that has neither a value nor words instead takes the whole text with it:
 * undefined.
 * @param say how a value with a format is said; undefined where it cannot be.
 */
export function fillText(
  parts: readonly Part[],
  lookup: Lookup,
  say: (text: string, format: string) => string | undefined = () => undefined,
): string | undefined {
  const filled = parts.map((part) => {
    if (typeof part === 'string') return part;
    const text = scalarText(lookup(part));
    const said = part.format === undefined || text === undefined ? text : say(text, part.format);
    return said ?? part.fallback;
  });
  return filled.includes(undefined) ? undefined : filled.join('');
}

/** What can stand within a text: texts, numbers and truth values. */
function scalarText(value: unknown): string | undefined {
  if (typeof value === 'string') return value;
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;
}
