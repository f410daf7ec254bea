import { z } from 'zod';
import { flag, optionalText, text, whole } from './fields.ts';

/** Voices Deepgram offers through Vapi; any other id makes Vapi refuse the assistant. Source: Vapi's OpenAPI document. */
export const deepgramVoices = new Set(
  (
    'asteria luna stella athena hera orion arcas perseus angus orpheus helios zeus thalia andromeda helena apollo aries ' +
    'amalthea atlas aurora callista cora cordelia delia draco electra harmonia hermes hyperion iris janus juno jupiter mars ' +
    'minerva neptune odysseus ophelia pandora phoebe pluto saturn selene theia vesta celeste estrella nestor sirio carina ' +
    'alvaro diana aquila selena javier viktoria kara fabian julius lara elara aurelia'
  ).split(' '),
);

/** A shorter one is a piece of a secret that had a comma in it, or can be guessed. */
const shortestSecret = 8;

const phoneNumber = z
  .string()
  .trim()
  .regex(/^\+[1-9]\d{6,14}$/, 'must be a number in E.164 form, for example +61255501234')
  .optional();

export const voiceSettings = z
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
    } else if (s.VAPI_WEBHOOK_SECRET.some((secret) => secret.length < shortestSecret)) {
      wrong(
        'VAPI_WEBHOOK_SECRET',
        `each secret needs at least ${shortestSecret} characters; a comma ends one and begins the next`,
      );
    } else if (s.VAPI_WEBHOOK_SECRET.length === 0 && !s.GATEHOUSE_ALLOW_UNAUTHENTICATED) {
      wrong(
        'VAPI_WEBHOOK_SECRET',
        'set the secret that Vapi sends as X-Vapi-Secret; without it nobody could tell a call from a forgery',
      );
    }
    if (s.VAPI_VOICE_PROVIDER === 'deepgram' && !deepgramVoices.has(s.VAPI_VOICE_ID)) {
      wrong('VAPI_VOICE_ID', 'Vapi offers no Deepgram voice of this name; use for example hyperion or theia');
    }
    if (s.GATEHOUSE_UNKNOWN_TENANT === 'forward' && !s.GATEHOUSE_UNKNOWN_TENANT_FORWARD_TO) {
      wrong('GATEHOUSE_UNKNOWN_TENANT_FORWARD_TO', 'is needed when GATEHOUSE_UNKNOWN_TENANT is "forward"');
    }
  });

export type VoiceConfig = ReturnType<typeof toVoice>;

export function toVoice(s: z.infer<typeof voiceSettings>) {
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
    overLimit: {
      message: s.GATEHOUSE_OVER_LIMIT_MESSAGE,
      forwardTo: s.GATEHOUSE_OVER_LIMIT_FORWARD_TO,
    },
  };
}
