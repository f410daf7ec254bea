import { z } from 'zod';

/** What a tenant's endpoint can be told. */
export const eventTypes = [
  'lead.created',
  'lead.updated',
  'message.taken',
  'callback.requested',
  'call.ended',
] as const;

export type EventType = (typeof eventTypes)[number];

/**
 * Something that happened, to be told to a tenant's endpoint. `id` is the same however often it is told, here and at the
 * receiver; without a full stop, as it is signed beside one.
 */
export const eventSchema = z.object({
  id: z.string().regex(/^[\w-]{1,128}$/),
  tenantId: z.string().min(1),
  type: z.enum(eventTypes),
  occurredAt: z.date(),
  data: z.record(z.string(), z.unknown()),
  /** What it is about, to be found by when that is to be forgotten; not sent. */
  about: z.array(z.string().min(1)).max(8).optional(),
});

export type DeliveryEvent = z.infer<typeof eventSchema>;

/** Where a tenant wants its events: https, to a public address. */
export interface Endpoint {
  url: string;
  /** `whsec_` and base64 of 24 to 64 bytes. More than one while they are being exchanged: each signs. */
  secrets: readonly string[];
  /** The types that are wanted; others are not sent. */
  events: readonly EventType[];
}

/** The endpoint of a tenant as it is now; undefined where it has none. */
export type EndpointOf = (tenantId: string) => Promise<Endpoint | undefined>;

/** The body of an event's requests, as Standard Webhooks recommends it. */
export function toBody({ type, occurredAt, data }: DeliveryEvent): string {
  return JSON.stringify({ type, timestamp: occurredAt.toISOString(), data });
}
