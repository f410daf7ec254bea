import type { RpcTypedData } from './coreTypes.ts';

/** A JSON text as an object with members, or undefined for anything else (arrays, scalars, no JSON). */
function jsonObject(text: string): Record<string, unknown> | undefined {
  if (!/^\s*\{/.test(text)) return undefined;
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

/** .NET's text of a scalar: booleans begin with a capital letter. */
function dotnetText(value: string | number | boolean): string {
  return typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
}

/**
 * The top-level members of a JSON text as the host merges them into trigger metadata: scalars as .NET text,
 * objects and arrays as JSON, null left out.
 */
export function jsonBindingData(text: string): Record<string, RpcTypedData> {
  const data: Record<string, RpcTypedData> = {};
  for (const [key, value] of Object.entries(jsonObject(text) ?? {})) {
    if (value === null) continue;
    data[key] =
      typeof value === 'object'
        ? { json: JSON.stringify(value) }
        : { string: dotnetText(value as string | number | boolean) };
  }
  return data;
}
