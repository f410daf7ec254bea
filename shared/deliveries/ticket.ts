import { z } from 'zod';
import type { QueueStore } from '../storage/queueStore.ts';
import { currentTrace } from '../telemetry/propagation.ts';
import { traced } from '../telemetry/spans.ts';
import { deliveriesQueue } from './deliveryRow.ts';

const ticketSchema = z.object({
  tenantId: z.string().min(1),
  /** Key of the delivery's row. What is to be done and when is in the row, so tickets may come twice, late or early. */
  delivery: z.string().min(1),
  /** The trace of the event, which its tries continue. */
  trace: z.object({ traceparent: z.string().optional(), tracestate: z.string().optional() }).optional(),
});

/** A message of the `deliveries` queue: look at this delivery. */
export type DeliveryTicket = z.infer<typeof ticketSchema>;

/** @throws ZodError for a queue message that is no ticket. */
export function readDeliveryTicket(message: unknown): DeliveryTicket {
  return ticketSchema.parse(message);
}

/** Queues the first ticket of a delivery. */
export function queueDelivery(queues: QueueStore, tenantId: string, delivery: string): Promise<void> {
  return traced(
    `send ${deliveriesQueue}`,
    () => queueAgain(queues, { tenantId, delivery, trace: currentTrace() }, 0),
    {
      kind: 'producer',
      attributes: { 'messaging.operation.type': 'send', 'messaging.destination.name': deliveriesQueue },
    },
  );
}

/** Queues a ticket as it is, to be read after `delayMs`. */
export function queueAgain(queues: QueueStore, ticket: DeliveryTicket, delayMs: number): Promise<void> {
  return queues.send(deliveriesQueue, JSON.stringify(ticket), { delayMs });
}
