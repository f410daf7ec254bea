/**
 * The value a JSON Pointer leads to in a JSON document; undefined where it leads nowhere. Only a document's own members
 * count, and array indexes are written without leading zeros. Source: RFC 6901.
 * @param pointer empty for the whole document, or `/` before each step with `~1` for `/` and `~0` for `~`.
 */
export function valueAt(document: unknown, pointer: string): unknown {
  const steps = pointer.split('/').slice(1);
  let value = document;
  for (const step of steps) value = memberOf(value, step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return value;
}

/** True for a pointer as RFC 6901 writes it. */
export const isPointer = (text: string) => /^(\/([^/~]|~[01])*)*$/.test(text);

const index = /^(0|[1-9]\d*)$/;

function memberOf(value: unknown, step: string): unknown {
  if (Array.isArray(value)) return index.test(step) ? value[Number(step)] : undefined;
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined;
  return (value as Record<string, unknown>)[step];
}
