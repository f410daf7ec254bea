import type { Entity, StoredEntity } from '../storage/tableStore.ts';

export const deliveriesTable = 'deliveries';
export const deliveriesQueue = 'deliveries';
/** Bodies that are too large for a row. */
export const deliveriesContainer = 'deliveries';

/** Rows of a partition that hold a delivery, the latest first; the others lead to one by its event's id. */
export const deliveryPrefix = 'd|';

export const deliveryStates = ['pending', 'delivered', 'dead'] as const;

/** `pending` until the endpoint took it (`delivered`) or nothing more is tried (`dead`). */
export type DeliveryState = (typeof deliveryStates)[number];

/** What has become of a delivery, beside what it is. */
export interface DeliveryProgress {
  state: DeliveryState;
  /** Tries that were begun. */
  attempts: number;
  /** Status of the last answer. */
  lastStatus?: number | undefined;
  /** Why the last try did not succeed; a fixed word. */
  reason?: string | undefined;
  /** Only while pending: before this nobody tries. While a worker is at it, the end of the time it has for that. */
  nextAttemptAt?: Date | undefined;
  /** When it was delivered or given up. */
  endedAt?: Date | undefined;
}

export interface DeliveryRow extends Entity, DeliveryProgress {
  eventId: string;
  eventType: string;
  createdAt: Date;
  /** When a ticket was last added for one that seemed lost. */
  ticketAddedAt?: Date | undefined;
  /** What the event is about, one a line. */
  about?: string | undefined;
  /** The body, or where it is too large the name of its blob. */
  payload?: string | undefined;
  blob?: string | undefined;
}

/** Leads from an event's id to its delivery. It is what makes an event one delivery. */
export interface PointerRow extends Entity {
  delivery: string;
  createdAt: Date;
}

export function pointerKey(eventId: string): string {
  return `e|${eventId}`;
}

/** Later times come first in key order. */
export function deliveryKey(eventId: string, createdAt: Date): string {
  const inverted = String(9_999_999_999_999 - createdAt.getTime()).padStart(13, '0');
  return `${deliveryPrefix}${inverted}|${eventId}`;
}

/** The row with new progress: nothing of the old remains. */
export function withProgress(row: DeliveryRow, progress: DeliveryProgress): DeliveryRow {
  const { partitionKey, rowKey, eventId, eventType, createdAt, ticketAddedAt, about, payload, blob } = row;
  const event = { eventId, eventType, createdAt, ticketAddedAt, about, payload, blob };
  return { partitionKey, rowKey, ...event, ...progress };
}

export type StoredDelivery = StoredEntity<DeliveryRow>;
