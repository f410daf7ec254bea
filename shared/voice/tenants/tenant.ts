import { z } from 'zod';

const line = z.string().trim().min(1).max(200);
const e164 = z
  .string()
  .trim()
  .regex(/^\+[1-9]\d{6,14}$/, 'must be in E.164 form, for example +61255501234');

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** A business that Gatehouse answers the phone for. */
/** Words that stand for no tenant in storage and logs. */
const reserved = ['unassigned', 'unknown'];

export const tenantSchema = z.object({
  tenantId: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9_-]{1,62}$/,
      'must be 2 to 63 of a-z, 0-9, _ and -, beginning with a letter or digit',
    )
    .refine((id) => !reserved.includes(id), 'is a word Gatehouse uses itself'),
  businessName: line,
  /** As a person would say it: `Mon–Fri 7am–5pm, Sat 8am–12pm`. */
  businessHours: line,
  services: z.array(line).min(1).max(50),
  timezone: z
    .string()
    .refine(isTimeZone, 'must be an IANA time zone, for example Australia/Sydney')
    .default('Australia/Sydney'),
  /** Ids of the Vapi phone numbers that ring here. */
  phoneNumberIds: z.array(line).max(50).default([]),
  /** The numbers themselves, E.164, for deliveries that carry no id. */
  phoneNumbers: z.array(e164).max(50).default([]),
  /** Ids of saved Vapi assistants that work for this tenant (web calls have no number). */
  assistantIds: z.array(line).max(50).default([]),
});

export type Tenant = z.infer<typeof tenantSchema>;
