import { z } from 'zod';
import { flag, list, optionalText, text, whole } from '../config/fields.ts';
import { type Given, readSection, type Section } from '../config/section.ts';
import { entryFaults, vapiProviders } from './assistant/vapiFaults.ts';
import type { Credential } from './credentials/credential.ts';
import { pathTokenKeys } from './credentials/pathToken.ts';
import { readCredentials } from './credentials/readCredentials.ts';
import { sourceRange } from './credentials/sourceRanges.ts';
import { e164 } from './phoneNumber.ts';

const phoneNumber = z
  .string()
  .trim()
  .regex(e164, 'must be a number in E.164 form, for example +61255501234')
  .optional();

const parts = list('');

export const voiceSettings = z
  .object({
    VAPI_WEBHOOK_SECRET: parts,
    /** A JSON array, read by `readCredentials`. */
    VAPI_WEBHOOK_CREDENTIALS: optionalText,
    VAPI_WEBHOOK_SOURCE_RANGES: parts.pipe(z.array(sourceRange)),
    VAPI_WEBHOOK_REPLAY_WINDOW_S: whole(300, 10, 3_600),
    GATEHOUSE_WEBHOOK_TOKEN_KEYS: pathTokenKeys,
    GATEHOUSE_ALLOW_UNAUTHENTICATED: flag,
    VAPI_MODEL_PROVIDER: text('openai'),
    VAPI_MODEL: text('gpt-4o'),
    VAPI_VOICE_PROVIDER: text('deepgram'),
    VAPI_VOICE_ID: text('hyperion'),
    TENANT_CACHE_TTL_S: whole(300, 0, 86_400),
    ASSISTANT_REQUEST_BUDGET_MS: whole(6_500, 100, 7_400),
    GATEHOUSE_TOOL_TIMEOUT_MS: whole(8_000, 100, 19_000),
    GATEHOUSE_UNKNOWN_TENANT: z
      .enum(['error', 'forward', 'generic'], 'must be error, forward or generic')
      .default('error'),
    GATEHOUSE_UNKNOWN_TENANT_MESSAGE: text(
      'Sorry, this number is not in service right now. Please try again later.',
    ),
    GATEHOUSE_UNKNOWN_TENANT_FORWARD_TO: phoneNumber,
    GATEHOUSE_OVER_LIMIT_MESSAGE: text(
      'Sorry, all our lines are busy right now. Please call again in a few minutes.',
    ),
    GATEHOUSE_OVER_LIMIT_FORWARD_TO: phoneNumber,
    GATEHOUSE_CALL_RETENTION_DAYS: whole(365, 1, 3_650),
    /** Set by Azure itself; tells that the app runs there. */
    WEBSITE_SITE_NAME: optionalText,
  })
  .superRefine((s, context) => {
    const wrong = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message });
    if (s.GATEHOUSE_ALLOW_UNAUTHENTICATED && s.WEBSITE_SITE_NAME) {
      wrong(
        'GATEHOUSE_ALLOW_UNAUTHENTICATED',
        'is for local work only and refused in Azure; set VAPI_WEBHOOK_SECRET or VAPI_WEBHOOK_CREDENTIALS instead',
      );
    } else if (
      s.VAPI_WEBHOOK_SECRET.length === 0 &&
      (s.VAPI_WEBHOOK_CREDENTIALS ?? '[]').replace(/\s/g, '') === '[]' &&
      !s.GATEHOUSE_ALLOW_UNAUTHENTICATED
    ) {
      wrong(
        'VAPI_WEBHOOK_SECRET',
        'set the secret that Vapi sends as X-Vapi-Secret, or VAPI_WEBHOOK_CREDENTIALS; without one nobody could tell a call from a forgery',
      );
    }
    for (const { path, problem } of entryFaults('voice', {
      provider: s.VAPI_VOICE_PROVIDER,
      voiceId: s.VAPI_VOICE_ID,
    }))
      wrong(path === 'provider' ? 'VAPI_VOICE_PROVIDER' : 'VAPI_VOICE_ID', problem);
    // A model's name is not held to a list: new ones come every month, and one setting must not tie a deployment to an old one.
    if (!vapiProviders.model.includes(s.VAPI_MODEL_PROVIDER))
      wrong('VAPI_MODEL_PROVIDER', `must be one of ${vapiProviders.model.join(', ')}`);
    if (s.GATEHOUSE_UNKNOWN_TENANT === 'forward' && !s.GATEHOUSE_UNKNOWN_TENANT_FORWARD_TO) {
      wrong('GATEHOUSE_UNKNOWN_TENANT', 'is "forward": say where to in GATEHOUSE_UNKNOWN_TENANT_FORWARD_TO');
    }
  });

export type VoiceConfig = ReturnType<typeof toVoice>;

/** Settings that decide who is let in: while one of them is wrong nobody is. Any other must not silence the phone. */
const isGuard = (setting: string) =>
  setting.startsWith('VAPI_WEBHOOK_') ||
  setting === 'GATEHOUSE_ALLOW_UNAUTHENTICATED' ||
  setting === 'GATEHOUSE_WEBHOOK_TOKEN_KEYS';

/** The voice section, with the credentials it names. */
export function readVoice(given: Given): Section<VoiceConfig> {
  const section = readSection(voiceSettings, (s) => s, given, isGuard);
  const secrets = parts.parse(given.VAPI_WEBHOOK_SECRET);
  const credentials = readCredentials(given.VAPI_WEBHOOK_CREDENTIALS, secrets, given);
  const problems = [section, credentials].flatMap((read) => read.problems ?? []);
  if (!section.ok || !credentials.ok) return { ok: false, problems };
  return { ok: true, value: toVoice(section.value, credentials.value), problems };
}

function toVoice(s: z.infer<typeof voiceSettings>, credentials: readonly Credential[]) {
  return {
    credentials,
    /** Addresses deliveries may come from; empty: any. */
    sourceRanges: s.VAPI_WEBHOOK_SOURCE_RANGES,
    replayWindowMs: s.VAPI_WEBHOOK_REPLAY_WINDOW_S * 1000,
    tokenKeys: s.GATEHOUSE_WEBHOOK_TOKEN_KEYS,
    allowUnauthenticated: s.GATEHOUSE_ALLOW_UNAUTHENTICATED,
    model: { provider: s.VAPI_MODEL_PROVIDER, model: s.VAPI_MODEL },
    voice: { provider: s.VAPI_VOICE_PROVIDER, voiceId: s.VAPI_VOICE_ID },
    tenantCacheTtlMs: s.TENANT_CACHE_TTL_S * 1000,
    assistantRequestBudgetMs: s.ASSISTANT_REQUEST_BUDGET_MS,
    /** Days calls and leads are kept where a tenant does not say. */
    retentionDays: s.GATEHOUSE_CALL_RETENTION_DAYS,
    toolTimeoutMs: s.GATEHOUSE_TOOL_TIMEOUT_MS,
    unknownTenant: {
      choice: s.GATEHOUSE_UNKNOWN_TENANT,
      message: s.GATEHOUSE_UNKNOWN_TENANT_MESSAGE,
      forwardTo: s.GATEHOUSE_UNKNOWN_TENANT_FORWARD_TO,
    },
    overLimit: {
      message: s.GATEHOUSE_OVER_LIMIT_MESSAGE,
      forwardTo: s.GATEHOUSE_OVER_LIMIT_FORWARD_TO,
    },
  };
}
