import { z } from 'zod';

/**
 * Every setting the app reads, in sections that can be wrong independently: a wrong audit setting never silences the
 * phone. Names of the four programs Gatehouse grew from are kept; new ones begin with `GATEHOUSE_`.
 */

const megabyte = 1024 * 1024;
const text = (fallback: string) => z.string().trim().min(1).default(fallback);
const optionalText = z.string().trim().min(1).optional();
const list = (fallback: string) =>
  text(fallback).transform((s) =>
    s
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );
const whole = (fallback: number, min: number, max: number) =>
  z.coerce.number().int().min(min).max(max).default(fallback);
const megabytes = (fallback: number, max: number) =>
  z.coerce
    .number()
    .positive()
    .max(max)
    .default(fallback)
    .transform((mb) => Math.floor(mb * megabyte));
const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true');
const url = z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional();

const levels = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  WARN: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
} as const;

const platformSettings = z
  .object({
    LOG_LEVEL: text('INFO')
      .transform((s) => s.toUpperCase())
      .pipe(z.enum(Object.keys(levels) as (keyof typeof levels)[])),
    AzureWebJobsStorage: optionalText,
    AzureWebJobsStorage__blobServiceUri: url,
    AzureWebJobsStorage__queueServiceUri: url,
    AzureWebJobsStorage__tableServiceUri: url,
    AzureWebJobsStorage__clientId: optionalText,
    GATEHOUSE_MAX_BODY_MB: megabytes(64, 95),
    GATEHOUSE_MAX_JSON_MB: megabytes(8, 95),
  })
  .superRefine((s, context) => {
    const uris = [
      s.AzureWebJobsStorage__blobServiceUri,
      s.AzureWebJobsStorage__queueServiceUri,
      s.AzureWebJobsStorage__tableServiceUri,
    ];
    if (!s.AzureWebJobsStorage && !uris.every(Boolean)) {
      context.addIssue({
        code: 'custom',
        path: ['AzureWebJobsStorage'],
        message:
          'set a storage connection string, or all of AzureWebJobsStorage__blobServiceUri, __queueServiceUri and __tableServiceUri',
      });
    }
  });

/** Voices Deepgram offers through Vapi; any other id makes Vapi refuse the assistant. Source: Vapi's OpenAPI document. */
export const deepgramVoices = new Set(
  (
    'asteria luna stella athena hera orion arcas perseus angus orpheus helios zeus thalia andromeda helena apollo aries ' +
    'amalthea atlas aurora callista cora cordelia delia draco electra harmonia hermes hyperion iris janus juno jupiter mars ' +
    'minerva neptune odysseus ophelia pandora phoebe pluto saturn selene theia vesta celeste estrella nestor sirio carina ' +
    'alvaro diana aquila selena javier viktoria kara fabian julius lara elara aurelia'
  ).split(' '),
);

const voiceSettings = z
  .object({
    VAPI_WEBHOOK_SECRET: z
      .string()
      .default('')
      .transform((s) =>
        s
          .split(',')
          .map((part) => part.trim())
          .filter(Boolean),
      ),
    GATEHOUSE_ALLOW_UNAUTHENTICATED: flag,
    VAPI_MODEL_PROVIDER: text('openai'),
    VAPI_MODEL: text('gpt-4o'),
    VAPI_VOICE_PROVIDER: text('deepgram'),
    VAPI_VOICE_ID: text('hyperion'),
    TENANT_CACHE_TTL_S: whole(300, 0, 86_400),
    ASSISTANT_REQUEST_BUDGET_MS: whole(6_500, 100, 7_400),
    GATEHOUSE_TOOL_TIMEOUT_MS: whole(8_000, 100, 19_000),
    GATEHOUSE_UNKNOWN_TENANT: z.enum(['error', 'forward', 'generic']).default('error'),
    GATEHOUSE_UNKNOWN_TENANT_MESSAGE: text(
      'Sorry, this number is not in service right now. Please try again later.',
    ),
    GATEHOUSE_UNKNOWN_TENANT_FORWARD_TO: z
      .string()
      .trim()
      .regex(/^\+[1-9]\d{6,14}$/, 'must be a number in E.164 form, for example +61255501234')
      .optional(),
    /** Set by Azure itself; tells that the app runs there. */
    WEBSITE_SITE_NAME: optionalText,
  })
  .superRefine((s, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (s.GATEHOUSE_ALLOW_UNAUTHENTICATED && s.WEBSITE_SITE_NAME) {
      wrong(
        'GATEHOUSE_ALLOW_UNAUTHENTICATED',
        'is for local work only and refused in Azure; set VAPI_WEBHOOK_SECRET instead',
      );
    } else if (s.VAPI_WEBHOOK_SECRET.length === 0 && !s.GATEHOUSE_ALLOW_UNAUTHENTICATED) {
      wrong(
        'VAPI_WEBHOOK_SECRET',
        'set the secret that Vapi sends as X-Vapi-Secret; without it nobody could tell a call from a forgery',
      );
    }
    if (s.VAPI_VOICE_PROVIDER === 'deepgram' && !deepgramVoices.has(s.VAPI_VOICE_ID)) {
      wrong(
        'VAPI_VOICE_ID',
        `Vapi offers no Deepgram voice "${s.VAPI_VOICE_ID}"; use for example hyperion or theia`,
      );
    }
    if (s.GATEHOUSE_UNKNOWN_TENANT === 'forward' && !s.GATEHOUSE_UNKNOWN_TENANT_FORWARD_TO) {
      wrong('GATEHOUSE_UNKNOWN_TENANT_FORWARD_TO', 'is needed when GATEHOUSE_UNKNOWN_TENANT is "forward"');
    }
  });

const encodings = ['o200k_base', 'cl100k_base'] as const;
export type TokenEncoding = (typeof encodings)[number];

const auditSettings = z
  .object({
    AZURE_OPENAI_ENDPOINT: url,
    AZURE_OPENAI_API_KEY: optionalText,
    AZURE_DEPLOYMENT_NAME: text('gpt-4o'),
    GATEHOUSE_OPENAI_BASE_URL: url,
    GATEHOUSE_OPENAI_API_KEY: optionalText,
    GATEHOUSE_TOKEN_ENCODINGS: z
      .string()
      .default('')
      .transform((s, context): Record<string, TokenEncoding> => {
        const pairs = s
          .split(',')
          .map((part) => part.trim())
          .filter(Boolean)
          .map((part) => part.split('='));
        for (const [deployment, encoding] of pairs) {
          if (!deployment || !encodings.includes(encoding as TokenEncoding)) {
            context.addIssue({
              code: 'custom',
              message: `write deployment=encoding, with encoding ${encodings.join(' or ')}, separated by commas`,
            });
            return z.NEVER;
          }
        }
        return Object.fromEntries(pairs);
      }),
    GATEHOUSE_AUDIT_EXTENSIONS: list('.py,.js,.java,.cs,.ts'),
    GATEHOUSE_AUDIT_EXCLUDED_FOLDERS: list('venv,__pycache__,node_modules,.git,env,build,dist'),
    GATEHOUSE_AUDIT_TIMEOUT_S: whole(210, 1, 225),
    GATEHOUSE_AUDIT_MAX_EXPANDED_MB: megabytes(256, 1024),
    GATEHOUSE_AUDIT_MAX_FILE_MB: megabytes(2, 64),
    GATEHOUSE_AUDIT_MAX_ENTRIES: whole(20_000, 1, 200_000),
    GATEHOUSE_AUDIT_MAX_RATIO: whole(200, 1, 10_000),
  })
  .superRefine((s, context) => {
    if (s.AZURE_OPENAI_ENDPOINT && s.GATEHOUSE_OPENAI_BASE_URL) {
      context.addIssue({
        code: 'custom',
        path: ['GATEHOUSE_OPENAI_BASE_URL'],
        message: 'set either this or AZURE_OPENAI_ENDPOINT, not both',
      });
    }
  });

export type PlatformConfig = ReturnType<typeof toPlatform>;
export type VoiceConfig = ReturnType<typeof toVoice>;
export type AuditConfig = ReturnType<typeof toAudit>;

function toPlatform(s: z.infer<typeof platformSettings>) {
  return {
    logLevel: levels[s.LOG_LEVEL],
    maxBodyBytes: s.GATEHOUSE_MAX_BODY_MB,
    maxJsonBytes: s.GATEHOUSE_MAX_JSON_MB,
    storage: s.AzureWebJobsStorage
      ? { connectionString: s.AzureWebJobsStorage }
      : {
          blobUri: s.AzureWebJobsStorage__blobServiceUri ?? '',
          queueUri: s.AzureWebJobsStorage__queueServiceUri ?? '',
          tableUri: s.AzureWebJobsStorage__tableServiceUri ?? '',
          clientId: s.AzureWebJobsStorage__clientId,
        },
  };
}

function toVoice(s: z.infer<typeof voiceSettings>) {
  return {
    secrets: s.VAPI_WEBHOOK_SECRET,
    allowUnauthenticated: s.GATEHOUSE_ALLOW_UNAUTHENTICATED,
    model: { provider: s.VAPI_MODEL_PROVIDER, model: s.VAPI_MODEL },
    voice: { provider: s.VAPI_VOICE_PROVIDER, voiceId: s.VAPI_VOICE_ID },
    tenantCacheTtlMs: s.TENANT_CACHE_TTL_S * 1000,
    assistantRequestBudgetMs: s.ASSISTANT_REQUEST_BUDGET_MS,
    toolTimeoutMs: s.GATEHOUSE_TOOL_TIMEOUT_MS,
    unknownTenant: {
      choice: s.GATEHOUSE_UNKNOWN_TENANT,
      message: s.GATEHOUSE_UNKNOWN_TENANT_MESSAGE,
      forwardTo: s.GATEHOUSE_UNKNOWN_TENANT_FORWARD_TO,
    },
  };
}

function toAudit(s: z.infer<typeof auditSettings>) {
  return {
    azureOpenAi: s.AZURE_OPENAI_ENDPOINT
      ? { endpoint: s.AZURE_OPENAI_ENDPOINT, apiKey: s.AZURE_OPENAI_API_KEY }
      : undefined,
    openAiCompatible: s.GATEHOUSE_OPENAI_BASE_URL
      ? { baseUrl: s.GATEHOUSE_OPENAI_BASE_URL, apiKey: s.GATEHOUSE_OPENAI_API_KEY }
      : undefined,
    deployment: s.AZURE_DEPLOYMENT_NAME,
    tokenEncodings: s.GATEHOUSE_TOKEN_ENCODINGS,
    extensions: s.GATEHOUSE_AUDIT_EXTENSIONS,
    excludedFolders: s.GATEHOUSE_AUDIT_EXCLUDED_FOLDERS,
    timeoutMs: s.GATEHOUSE_AUDIT_TIMEOUT_S * 1000,
    limits: {
      expandedBytes: s.GATEHOUSE_AUDIT_MAX_EXPANDED_MB,
      fileBytes: s.GATEHOUSE_AUDIT_MAX_FILE_MB,
      entries: s.GATEHOUSE_AUDIT_MAX_ENTRIES,
      ratio: s.GATEHOUSE_AUDIT_MAX_RATIO,
    },
  };
}

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
