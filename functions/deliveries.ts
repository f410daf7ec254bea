import { listDeliveries, retryDelivery } from '../shared/deliveries/deadLetters.ts';
import { type DeliveryState, deliveriesQueue, deliveryStates } from '../shared/deliveries/deliveryRow.ts';
import { processDelivery } from '../shared/deliveries/processDelivery.ts';
import { AppError } from '../shared/errors.ts';
import { callerOf, routeParam } from '../shared/http/identity.ts';
import { readLimit } from '../shared/http/paging.ts';
import { http, queue } from './register.ts';
import { services } from './services.ts';

/** Queue `deliveries`: tells a tenant's own system what callers left, for a day until it listens. */
queue('deliver', deliveriesQueue, async (message, log) =>
  processDelivery(message, await services.deliveries(), log),
);

/** `GET /api/tenants/{id}/deliveries?state=dead&limit=50&cursor=…`: what its system was told, latest first. */
http(
  'deliveries',
  { methods: ['GET'], authLevel: 'function', route: 'tenants/{id}/deliveries' },
  async (request) => {
    const { tables } = await services.stores();
    const { query } = request;
    const page = await listDeliveries(tables, routeParam(request, 'id'), {
      state: readState(query.get('state')),
      limit: readLimit(query),
      after: query.get('cursor') ?? undefined,
    });
    return { status: 200, jsonBody: { deliveries: page.deliveries, cursor: page.next } };
  },
);

/** `POST /api/tenants/{id}/deliveries/{event}/retry`: tells it again, under the same `webhook-id`. */
http(
  'retryDelivery',
  { methods: ['POST'], authLevel: 'function', route: 'tenants/{id}/deliveries/{event}/retry' },
  async (request, { log }) => {
    const [tenant, event] = [routeParam(request, 'id'), routeParam(request, 'event')];
    const { stores, now } = await services.deliveries();
    const outcome = await retryDelivery(stores, tenant, event, now());
    if (outcome === 'not-found') throw new AppError('not-found', 'There is no delivery of this event.');
    log.warn('delivery-retried', { tenant, event, outcome, by: callerOf(request) });
    return { status: 202, jsonBody: { outcome } };
  },
);

function readState(text: string | null): DeliveryState | undefined {
  if (text === null) return undefined;
  const state = deliveryStates.find((known) => known === text);
  if (!state) throw new AppError('invalid-request', `state must be one of ${deliveryStates.join(', ')}.`);
  return state;
}
