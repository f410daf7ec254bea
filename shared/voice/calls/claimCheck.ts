import { z } from 'zod';
import type { Stores } from '../../storage/stores.ts';
import { currentTrace } from '../../telemetry/propagation.ts';
import { traced } from '../../telemetry/spans.ts';

/** Queue and container through which a webhook body passes between its receipt and its processing. */
export const endOfCallQueue = 'end-of-call';
const inbox = 'inbox';
const folder = `${endOfCallQueue}/`;

const ticketSchema = z.object({
  /** Name of the body in the inbox. */
  blob: z.string().min(1),
  receivedAt: z.iso.datetime(),
  /** Named by the address the delivery came to; else its tenant is found by the body. */
  tenantId: z.string().optional(),
  /** The trace of the delivery, which the processing continues. */
  trace: z.object({ traceparent: z.string().optional(), tracestate: z.string().optional() }).optional(),
});

/** A queue message holds 64 KB and a report can be megabytes, so the queue carries this instead. */
export type Ticket = z.infer<typeof ticketSchema>;

/** @throws ZodError for a queue message that is no ticket. */
export function readTicket(message: unknown): Ticket {
  return ticketSchema.parse(message);
}

/** The name of a body says all of its ticket, which can be written again from it: `end-of-call/DAY/TIME,TENANT,ID.json`. */
function nameOf(receivedAt: string, tenantId: string | undefined, id: string): string {
  return `${folder}${receivedAt.slice(0, 10)}/${receivedAt},${tenantId ?? ''},${id}.json`;
}

function ticketOf(blob: string): Ticket | undefined {
  const [, receivedAt, tenantId] = /\/([^/,]+),([^/,]*),[^/,]+\.json$/.exec(blob) ?? [];
  const read = ticketSchema.safeParse({ blob, receivedAt, tenantId: tenantId || undefined });
  return read.success ? read.data : undefined;
}

/** Stores a body and queues its ticket. Once this returns, the delivery is safe; if it throws, nothing is promised. */
export async function checkIn(
  stores: Pick<Stores, 'blobs' | 'queues'>,
  body: Uint8Array,
  id: string,
  now: Date,
  tenantId?: string,
): Promise<Ticket> {
  const receivedAt = now.toISOString();
  const blob = nameOf(receivedAt, tenantId, id);
  await stores.blobs.put(inbox, blob, body, 'application/json');
  return traced(
    `send ${endOfCallQueue}`,
    async () => {
      const ticket: Ticket = { blob, receivedAt, tenantId, trace: currentTrace() };
      try {
        await requeue(stores, ticket);
      } catch (error) {
        await discard(stores, ticket).catch(() => {});
        throw error;
      }
      return ticket;
    },
    {
      kind: 'producer',
      attributes: { 'messaging.operation.type': 'send', 'messaging.destination.name': endOfCallQueue },
    },
  );
}

/** The body a ticket stands for; undefined once it has been processed. */
export function redeem(stores: Pick<Stores, 'blobs'>, ticket: Ticket): Promise<Uint8Array | undefined> {
  return stores.blobs.get(inbox, ticket.blob);
}

/** Takes a processed body out of the inbox. */
export function discard(stores: Pick<Stores, 'blobs'>, ticket: Ticket): Promise<void> {
  return stores.blobs.delete(inbox, ticket.blob);
}

/** Tickets of the bodies that wait in the inbox, the oldest first. */
export async function* waiting(stores: Pick<Stores, 'blobs'>): AsyncIterable<Ticket> {
  for await (const name of stores.blobs.list(inbox, folder)) {
    const ticket = ticketOf(name);
    if (ticket) yield ticket;
  }
}

/** Queues the ticket of a body that is stored. */
export function requeue(stores: Pick<Stores, 'queues'>, ticket: Ticket): Promise<void> {
  return stores.queues.send(endOfCallQueue, JSON.stringify(ticket));
}
