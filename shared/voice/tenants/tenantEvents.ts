import { createHash } from 'node:crypto';
import type { Endpoint, EventType } from '../../deliveries/event.ts';
import { enqueueDelivery } from '../../deliveries/outbox.ts';
import type { Stores } from '../../storage/stores.ts';
import type { Tenant } from './tenant.ts';

/** A tenant by its id. */
export interface Tenants {
  /** Undefined where there is none. @throws where it cannot be read. */
  get(tenantId: string): Promise<Tenant | undefined>;
}

/** Tells a tenant's own system what callers left, where it wants to know. */
export class TenantEvents {
  readonly #stores: Stores;
  readonly #tenants: Tenants;

  /** @param tenants as stored: by a remembered configuration events would be lost, or sent to where they went before. */
  constructor(stores: Stores, tenants: Tenants) {
    this.#stores = stores;
    this.#tenants = tenants;
  }

  /** Where a tenant's events go; undefined where it wants none. */
  async endpointOf(tenantId: string): Promise<Endpoint | undefined> {
    return (await this.#tenants.get(tenantId))?.delivery;
  }

  /**
   * Stores an event and queues its delivery, once for each `cause`, however often it is told. What it says is
   * read only where the tenant wants it; undefined: there is nothing to tell any more.
   */
  async tell(
    tenantId: string,
    type: EventType,
    cause: readonly string[],
    read: () => Promise<object | undefined>,
    now: Date,
  ): Promise<void> {
    const endpoint = await this.endpointOf(tenantId);
    if (!endpoint?.events.includes(type)) return;
    const data = await read();
    if (!data) return;
    const digest = createHash('sha256')
      .update(JSON.stringify([type, ...cause]))
      .digest('hex')
      .slice(0, 32);
    const about = aboutOf(data);
    const event = { id: `evt_${digest}`, tenantId, type, occurredAt: now, data: { ...data }, about };
    await enqueueDelivery(this.#stores, event, now);
  }
}

/** Marks of an event about a call and about whoever called, by which both are forgotten. */
export const aboutCall = (callId: string) => `call:${callId}`;
export const aboutNumber = (number: string) => `number:${number}`;

function aboutOf(data: object): string[] {
  const { callId, callerNumber, callbackNumber } = data as Record<string, unknown>;
  return [
    ...(typeof callId === 'string' && callId ? [aboutCall(callId)] : []),
    ...[callerNumber, callbackNumber].flatMap((number) =>
      typeof number === 'string' && number ? [aboutNumber(number)] : [],
    ),
  ].map((mark) => mark.replace(/\s*[\r\n]+\s*/g, ' '));
}
