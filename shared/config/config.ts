import type { z } from 'zod';
import { type AuditConfig, auditSettings, toAudit } from './audit.ts';
import { type PlatformConfig, platformSettings, toPlatform } from './platform.ts';
import { toVoice, type VoiceConfig, voiceSettings } from './voice.ts';

/**
 * Every setting the app reads, in sections that can be wrong independently: a wrong audit setting never silences the
 * phone. Names of the four programs Gatehouse grew from are kept; new ones begin with `GATEHOUSE_`.
 */

/** A wrong setting: its name and what to do. Values are never repeated, they may be secret. */
export interface SettingProblem {
  setting: string;
  problem: string;
}

export type Section<T> = { ok: true; value: T } | { ok: false; problems: SettingProblem[] };

export interface Config {
  platform: Section<PlatformConfig>;
  voice: Section<VoiceConfig>;
  audit: Section<AuditConfig>;
}

const schemas = { platform: platformSettings, voice: voiceSettings, audit: auditSettings };

/** Names of all settings, for the tests that hold the documents to the code. */
export const settingNames = Object.values(schemas).flatMap((schema) => Object.keys(schema.shape));

/**
 * Settings that are wrong are taken out and the rest checked again, so that rules between those are told as well. What
 * is then found missing may only be so because something was taken out, and waits for the next check.
 */
function problemsOf(schema: z.ZodType, given: Record<string, string>): SettingProblem[] {
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

function readSection<S extends z.ZodType, T>(
  schema: S,
  convert: (value: z.infer<S>) => T,
  given: Record<string, string>,
): Section<T> {
  const parsed = schema.safeParse(given);
  return parsed.success
    ? { ok: true, value: convert(parsed.data) }
    : { ok: false, problems: problemsOf(schema, given) };
}

/** Reads and checks all settings once. An empty value counts as not set. Never throws: wrong settings are values. */
export function readConfig(env: Record<string, string | undefined>): Config {
  const given: Record<string, string> = {};
  for (const [name, value] of Object.entries(env))
    if (value !== undefined && value.trim() !== '') given[name] = value;
  return {
    platform: readSection(platformSettings, toPlatform, given),
    voice: readSection(voiceSettings, toVoice, given),
    audit: readSection(auditSettings, toAudit, given),
  };
}

/** Every wrong setting of every section. */
export function settingProblems(config: Config): SettingProblem[] {
  return Object.values(config).flatMap((section) => (section.ok ? [] : section.problems));
}
