import { type AuditConfig, auditSettings, toAudit } from './config/audit.ts';
import { isStorage, type PlatformConfig, platformSettings, toPlatform } from './config/platform.ts';
import { givenIn, readSection, type Section, type SettingProblem } from './config/section.ts';
import { type LimitsConfig, limitsSettings, toLimits } from './limits/settings.ts';
import { type McpConfig, mcpSettings, toMcp } from './mcp/settings.ts';
import { type ToolsConfig, toolSettings, toTools } from './tools/settings.ts';
import { toUsage, type UsageConfig, usageSettings } from './usage/settings.ts';
import { readVoice, type VoiceConfig, voiceSettings } from './voice/settings.ts';

/** Every setting the app reads. Names of the four programs Gatehouse grew from are kept; new ones begin with `GATEHOUSE_`. */
export interface Settings {
  platform: Section<PlatformConfig>;
  voice: Section<VoiceConfig>;
  audit: Section<AuditConfig>;
  limits: Section<LimitsConfig>;
  usage: Section<UsageConfig>;
  tools: Section<ToolsConfig>;
  mcp: Section<McpConfig>;
}

const schemas = [
  platformSettings,
  voiceSettings,
  auditSettings,
  limitsSettings,
  usageSettings,
  toolSettings,
  mcpSettings,
];

/** Names of all settings, for the tests that hold the documents to the code. */
export const settingNames = schemas.flatMap((schema) => Object.keys(schema.shape));

/** Reads and checks all settings once. An empty value counts as not set. Never throws: wrong settings are values. */
export function readSettings(env: Readonly<Record<string, string | undefined>>): Settings {
  const given = givenIn(env);
  return {
    platform: readSection(platformSettings, toPlatform, given, isStorage),
    voice: readVoice(given),
    audit: readSection(auditSettings, toAudit, given),
    limits: readSection(limitsSettings, toLimits, given),
    usage: readSection(usageSettings, toUsage, given),
    tools: readSection(toolSettings, toTools, given),
    mcp: readSection(mcpSettings, toMcp, given),
  };
}

/** Every wrong setting of every section. */
export function settingProblems(settings: Settings): SettingProblem[] {
  return Object.values(settings).flatMap(({ problems = [] }: Section<unknown>) => problems);
}
