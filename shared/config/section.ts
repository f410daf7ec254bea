import type { z } from 'zod';

/** A wrong setting: its name and what to do. Values are never repeated, they may be secret. */
export interface SettingProblem {
  setting: string;
  problem: string;
}

/** Settings that belong together. Sections can be wrong independently: a wrong audit setting never silences the phone. */
export type Section<T> = { ok: true; value: T } | { ok: false; problems: SettingProblem[] };

export type Given = Readonly<Record<string, string>>;

/** The environment with empty values taken for not set. */
export function givenIn(env: Readonly<Record<string, string | undefined>>): Given {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && value.trim() !== '') given[name] = value;
  return given;
}

/** Reads and checks one section. Never throws: wrong settings are values. */
export function readSection<S extends z.ZodType, T>(
  schema: S,
  convert: (value: z.infer<S>) => T,
  given: Given,
): Section<T> {
  const parsed = schema.safeParse(given);
  return parsed.success
    ? { ok: true, value: convert(parsed.data) }
    : { ok: false, problems: problemsOf(schema, given) };
}

/**
 * Settings that are wrong are taken out and the rest checked again, so that rules between those are told as well. What
 * is then found missing may only be so because something was taken out, and waits for the next check.
 */
function problemsOf(schema: z.ZodType, given: Given): SettingProblem[] {
  const parsed = schema.safeParse(given);
  if (parsed.success) return [];
  const problems = parsed.error.issues.map(({ path, message }) => ({
    setting: path.join('.'),
    problem: message,
  }));
  const names = new Set(problems.map(({ setting }) => setting));
  const rest = Object.fromEntries(Object.entries(given).filter(([name]) => !names.has(name)));
  const known = Object.keys(rest).length < Object.keys(given).length ? problemsOf(schema, rest) : [];
  return [...problems, ...known.filter(({ setting }) => setting in rest)];
}
