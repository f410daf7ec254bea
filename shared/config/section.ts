import type { z } from 'zod';

/** A wrong setting: its name and what to do. Values are never repeated, they may be secret. */
export interface SettingProblem {
  setting: string;
  problem: string;
}

/**
 * Settings that belong together. Sections can be wrong independently: a wrong audit setting never silences the phone.
 * `problems` of a section that is usable all the same are settings whose defaults hold until they are mended.
 */
export type Section<T> =
  | { ok: true; value: T; problems?: SettingProblem[] }
  | { ok: false; problems: SettingProblem[] };

export type Given = Readonly<Record<string, string>>;

/** The environment with empty values taken for not set. */
export function givenIn(env: Readonly<Record<string, string | undefined>>): Given {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && value.trim() !== '') given[name] = value;
  return given;
}

/**
 * Reads and checks one section. Never throws: wrong settings are values. Where no wrong one is `vital` the defaults hold
 * for the wrong ones; without `vital` all are.
 */
export function readSection<S extends z.ZodType, T>(
  schema: S,
  convert: (value: z.infer<S>) => T,
  given: Given,
  vital: (setting: string) => boolean = () => true,
): Section<T> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return { ok: true, value: convert(parsed.data) };
  const problems = problemsOf(schema, given);
  const names = problems.map(({ setting }) => setting);
  const rest = names.some(vital) ? undefined : schema.safeParse(without(given, names));
  return rest?.success ? { ok: true, value: convert(rest.data), problems } : { ok: false, problems };
}

function without(given: Given, names: readonly string[]): Given {
  return Object.fromEntries(Object.entries(given).filter(([name]) => !names.includes(name)));
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
  const rest = without(
    given,
    problems.map(({ setting }) => setting),
  );
  const known = Object.keys(rest).length < Object.keys(given).length ? problemsOf(schema, rest) : [];
  return [...problems, ...known.filter(({ setting }) => setting in rest)];
}
