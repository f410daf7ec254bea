import { z } from 'zod';
import { list, megabytes, optionalText, optionalWhole, text, url, whole } from './fields.ts';

const encodings = ['o200k_base', 'cl100k_base'] as const;
const efforts = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'] as const;
export type TokenEncoding = (typeof encodings)[number];

/**
 * Code first; then what designs are also built of: settings, routes and schedules stand in configuration, tables in SQL,
 * resources in templates. Documents, styles and pictures are no evidence.
 */
const sourceExtensions = [
  '.py,.js,.java,.cs,.ts',
  '.tsx,.jsx,.mjs,.cjs,.mts,.cts,.vue,.svelte,.go,.rb,.rs,.kt,.kts,.swift,.php,.scala,.groovy,.dart,.ex,.exs,.fs,.vb',
  '.c,.h,.cc,.cpp,.cxx,.hh,.hpp,.m,.mm,.pyi,.r,.lua,.pl,.clj,.hs,.sol,.razor,.cshtml,.jsp',
  '.sql,.sh,.bash,.ps1,.psm1,.bicep,.tf,.proto,.graphql,.prisma,.csproj,.gradle,.properties',
  '.json,.yaml,.yml,.toml,Dockerfile',
].join(',');

/** Dependencies, copies of others' code, and what builds leave behind. */
const excludedFolders = [
  'venv,__pycache__,node_modules,.git,env,build,dist',
  '.venv,site-packages,vendor,vendored,third_party,third-party,bower_components,Pods,Carthage,.yarn,.gradle,.terraform',
  'target,obj,coverage,.next,.nuxt,.svelte-kit,.tox,.mypy_cache,.pytest_cache,.idea,.vs',
].join(',');

export const auditSettings = z
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
    GATEHOUSE_MODEL_EFFORT: z.enum(efforts, `must be one of ${efforts.join(', ')}`).optional(),
    GATEHOUSE_AUDIT_PROMPT_TOKENS: optionalWhole(2_000, 2_000_000),
    GATEHOUSE_AUDIT_EXTENSIONS: list(sourceExtensions),
    GATEHOUSE_AUDIT_EXCLUDED_FOLDERS: list(excludedFolders),
    GATEHOUSE_AUDIT_TIMEOUT_S: whole(210, 1, 225),
    GATEHOUSE_AUDIT_DIRECT_S: whole(60, 0, 200),
    GATEHOUSE_AUDIT_JOB_SLICE_S: whole(480, 10, 540),
    GATEHOUSE_AUDIT_JOB_RETENTION_H: whole(72, 1, 720),
    GATEHOUSE_AUDIT_MAX_EXPANDED_MB: megabytes(256, 1024),
    GATEHOUSE_AUDIT_MAX_FILE_MB: megabytes(2, 64),
    GATEHOUSE_AUDIT_MAX_ENTRIES: whole(20_000, 1, 200_000),
    GATEHOUSE_AUDIT_MAX_RATIO: whole(200, 1, 10_000),
    GATEHOUSE_AUDIT_MAX_IN_FLIGHT_MB: megabytes(128, 16_384),
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

export type AuditConfig = ReturnType<typeof toAudit>;

export function toAudit(s: z.infer<typeof auditSettings>) {
  return {
    azureOpenAi: s.AZURE_OPENAI_ENDPOINT
      ? { endpoint: s.AZURE_OPENAI_ENDPOINT, apiKey: s.AZURE_OPENAI_API_KEY }
      : undefined,
    openAiCompatible: s.GATEHOUSE_OPENAI_BASE_URL
      ? { baseUrl: s.GATEHOUSE_OPENAI_BASE_URL, apiKey: s.GATEHOUSE_OPENAI_API_KEY }
      : undefined,
    deployment: s.AZURE_DEPLOYMENT_NAME,
    tokenEncodings: s.GATEHOUSE_TOKEN_ENCODINGS,
    effort: s.GATEHOUSE_MODEL_EFFORT,
    promptTokens: s.GATEHOUSE_AUDIT_PROMPT_TOKENS,
    extensions: s.GATEHOUSE_AUDIT_EXTENSIONS,
    excludedFolders: s.GATEHOUSE_AUDIT_EXCLUDED_FOLDERS,
    timeoutMs: s.GATEHOUSE_AUDIT_TIMEOUT_S * 1000,
    /** What is estimated to take longer, in seconds, is done as a job. */
    directS: s.GATEHOUSE_AUDIT_DIRECT_S,
    jobs: {
      /** Longest that one invocation works at a job; the next one goes on. */
      sliceMs: s.GATEHOUSE_AUDIT_JOB_SLICE_S * 1000,
      /** How long a finished job and its result are kept. */
      retentionMs: s.GATEHOUSE_AUDIT_JOB_RETENTION_H * 3_600_000,
    },
    limits: {
      expandedBytes: s.GATEHOUSE_AUDIT_MAX_EXPANDED_MB,
      fileBytes: s.GATEHOUSE_AUDIT_MAX_FILE_MB,
      entries: s.GATEHOUSE_AUDIT_MAX_ENTRIES,
      ratio: s.GATEHOUSE_AUDIT_MAX_RATIO,
    },
    inFlight: { bytes: s.GATEHOUSE_AUDIT_MAX_IN_FLIGHT_MB, setting: 'GATEHOUSE_AUDIT_MAX_IN_FLIGHT_MB' },
  };
}
