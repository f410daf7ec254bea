import { z } from 'zod';
import { eventTypes } from '../../deliveries/event.ts';
import { readSecret } from '../../deliveries/standardWebhook.ts';
import { ownLimitsSchema } from '../../limits/ownLimits.ts';
import { readOutboundUrl } from '../../net/outboundUrl.ts';
import { isTimeZone } from '../../timeZones.ts';
import { toolNamePattern, toolNameRule } from '../../tools/toolName.ts';
import { e164 } from '../phoneNumber.ts';
import { builtInToolNames } from '../tools/builtInNames.ts';
import { analysisSchema } from './analysis.ts';
import { hoursSchema } from './hours.ts';
import { transferSchema } from './transfer.ts';

/** Blanks and line breaks of any kind count as one blank. */
const line = (most: number) =>
  z
    .string()
    .transform((text) => text.replace(/[\s\p{Cc}]+/gu, ' ').trim())
    .pipe(z.string().min(1).max(most));
const words = (most: number) => z.string().trim().min(1).max(most);
const phoneNumber = z.string().trim().regex(e164, 'must be in E.164 form, for example +61255501234');

const languageNames = new Intl.DisplayNames('en', { type: 'language' });

/** A tag without extensions, which has a name that can be said. */
function isLanguage(tag: string): boolean {
  try {
    return languageNames.of(tag) !== undefined;
  } catch {
    return false;
  }
}

/** Words that stand for no tenant in storage and logs. */
const reserved = ['unassigned', 'unknown', 'everyone'];

const service = z.strictObject({
  name: line(200),
  description: line(500).optional(),
  /** What may be said of its price: `from 120 dollars call-out`. Without it no price is ever said. */
  price: line(200).optional(),
});

/** A name alone stands for a service with no more to say of it. */
const named = line(200).transform((name): z.infer<typeof service> => ({ name }));

/** An emergency and what the caller is told at once. */
const emergency = z.strictObject({
  /** `the caller smells gas`. */
  when: line(200),
  /** `leave the building now, touch no switch, and ring the emergency services from outside`. */
  advise: line(500),
  /** Name of the transfer destination the caller is put through to afterwards. */
  transferTo: line(80).optional(),
});

const voice = z.strictObject({
  provider: line(40),
  voiceId: line(100),
  model: line(100).optional(),
});

/** Vapi's own bounds for an assistant's texts and times. Source: Vapi's OpenAPI document, CreateAssistantDTO. */
const assistant = z.strictObject({
  model: z
    .strictObject({ provider: line(40), model: line(100), temperature: z.number().min(0).max(2).optional() })
    .optional(),
  voice: voice.optional(),
  transcriber: z
    .strictObject({ provider: line(40), model: line(100).optional(), language: line(20).optional() })
    .optional(),
  /** What the receptionist should know or do beyond the rest, in the business's own words. */
  instructions: words(4_000).optional(),
  endCallMessage: line(1_000).optional(),
  maxDurationSeconds: z.int().min(10).max(43_200).optional(),
});

/** What every receptionist knows unless told otherwise. */
const gas = {
  when: 'the caller smells gas',
  advise:
    'leave the building now, touch no switch and light no flame, and ring the emergency services from outside',
};

const tools = z.strictObject({
  /** Functions Gatehouse runs; those it does not know are left out. */
  functions: z.array(z.string().regex(toolNamePattern, toolNameRule)).max(32).default(builtInToolNames),
  /** Vapi's own tools. `transferCall` is there where there are transfer destinations. */
  endCall: z.boolean().default(true),
  sms: z.boolean().default(false),
  dtmf: z.boolean().default(false),
});

const recording = z.strictObject({
  enabled: z.boolean().default(true),
  /** Said before the greeting: `This call may be recorded.` */
  notice: line(300).optional(),
  /**
   * Vapi says the notice before the assistant is on the line, and records only whoever stays (`stay-on-line`) or says yes
   * (`verbal`). Source: `CompliancePlan.recordingConsentPlan` of its SDK 2.0.1.
   */
  consent: z.enum(['stay-on-line', 'verbal']).optional(),
});

/** Where the business's own system is told of what callers left. Source: Standard Webhooks. */
const delivery = z.strictObject({
  url: z
    .string()
    .refine(
      (text) => readOutboundUrl(text) instanceof URL,
      'must be an https address, on port 443 or above 1023',
    ),
  secrets: z
    .array(
      z
        .string()
        .refine((text) => readSecret(text) !== undefined, 'must be whsec_ and base64 of 24 to 64 bytes'),
    )
    .min(1)
    .max(4),
  events: z
    .array(z.enum(eventTypes))
    .min(1)
    .default([...eventTypes]),
});

const shape = z.strictObject({
  tenantId: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9_-]{1,62}$/,
      'must be 2 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit',
    )
    .refine((id) => !reserved.includes(id), 'is a word Gatehouse uses itself'),
  businessName: line(200),
  /** As a person would say it, where there is no `hours`: `Mon–Fri 7am–5pm, Sat 8am–12pm`. */
  businessHours: line(200).optional(),
  hours: hoursSchema.optional(),
  services: z
    .array(z.union([named, service]))
    .min(1)
    .max(50),
  /** What may be said of prices in general: `the call-out is 120 dollars, and it is taken off the bill`. */
  pricePolicy: line(300).optional(),
  /** What to ask whoever wants a service: `for how many guests`. */
  intake: z.array(line(200)).max(10).default([]),
  timezone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone, for example Australia/Sydney')
    .default('Australia/Sydney'),
  address: line(300).optional(),
  /** BCP 47, the main one first. */
  languages: z
    .array(z.string().refine(isLanguage, 'must be a BCP 47 language tag, for example en-AU'))
    .min(1)
    .max(8)
    .default(['en-AU']),
  greeting: z.strictObject({ open: line(500).optional(), closed: line(500).optional() }).default({}),
  transfer: transferSchema.default({ destinations: [] }),
  emergencies: z.array(emergency).max(20).default([gas]),
  faq: z
    .array(z.strictObject({ question: line(300), answer: words(2_000) }))
    .max(200)
    .default([]),
  assistant: assistant.default({}),
  tools: tools.prefault({}),
  recording: recording.prefault({}),
  analysis: analysisSchema.prefault({}),
  delivery: delivery.optional(),
  /** Days after which calls, transcripts and leads are deleted; the operator's setting where it is left out. */
  retentionDays: z.int().min(1).max(3_650).optional(),
  /** In place of the operator's limits for calls and tool calls of a tenant, higher or lower. */
  limits: ownLimitsSchema.optional(),
  /** Ids of the Vapi phone numbers that ring here. */
  phoneNumberIds: z.array(line(200)).max(50).default([]),
  /** The numbers themselves, E.164, for deliveries that carry no id. */
  phoneNumbers: z.array(phoneNumber).max(50).default([]),
  /** Ids of saved Vapi assistants that work for this tenant (web calls have no number). */
  assistantIds: z.array(line(200)).max(50).default([]),
});

/** A business that Gatehouse answers the phone for. */
export const tenantSchema = shape.superRefine((tenant, context) => {
  const wrong = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  if (!tenant.hours && !tenant.businessHours)
    wrong(['hours'], 'give hours by day, or businessHours in words');
  if (tenant.hours && tenant.businessHours) wrong(['businessHours'], 'leave it out where hours are given');
  if (tenant.recording.consent && !tenant.recording.notice)
    wrong(['recording', 'notice'], 'give the words that ask for consent');
  if (tenant.recording.consent && !tenant.recording.enabled)
    wrong(['recording', 'consent'], 'leave it out where nothing is recorded');
  const names = tenant.transfer.destinations.map(({ name }) => name);
  for (const [i, { transferTo }] of tenant.emergencies.entries()) {
    if (transferTo !== undefined && !names.includes(transferTo))
      wrong(['emergencies', i, 'transferTo'], 'names no transfer destination');
  }
});

/** The JSON Schema (draft 2020-12) of a tenant as written, for editors. Rules between members are not in it. */
export function tenantJsonSchema(): object {
  const schema = z.toJSONSchema(shape, { io: 'input', unrepresentable: 'any' });
  return { ...schema, title: 'A business that Gatehouse answers the phone for' };
}

export type Tenant = z.infer<typeof tenantSchema>;

/** A tenant as written. */
export type TenantInput = z.input<typeof tenantSchema>;
