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

function readSection<S extends z.ZodType, T>(
  schema: S,
  convert: (value: z.infer<S>) => T,
  given: Record<string, string>,
): Section<T> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return { ok: true, value: convert(parsed.data) };
  const problems = parsed.error.issues.map((issue) => ({
    setting: issue.path.join('.'),
    problem: issue.message,
  }));
  return { ok: false, problems };
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
