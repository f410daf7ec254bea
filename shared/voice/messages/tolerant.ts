import { isObject } from '../../isObject.ts';

/**
 * Readers for what Vapi sends: a member that is absent, null or of the wrong type is simply missing. Payload shapes
 * have changed over the years, and a caller is waiting: nothing but an unusable envelope is worth refusing. Plain
 * functions, as every message of every call passes through them.
 */

/** Text without blanks around it; never empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value.trim() || undefined : undefined;
}

export function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** The members of an object, of which a missing one has none. */
export function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return isObject(value) ? value : {};
}

/** The items of a list, of which a missing one has none. */
export function itemsOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** A time sent as ISO text or epoch milliseconds, as ISO text. */
export function timeOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const time = new Date(value);
  return Number.isNaN(time.getTime()) ? undefined : time.toISOString();
}
