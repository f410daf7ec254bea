import { eraseDeliveries } from '../../deliveries/upkeep.ts';
import type { Stores } from '../../storage/stores.ts';
import type { LeadStore } from '../leads/leadStore.ts';
import { aboutCall, aboutNumber } from '../tenants/tenantEvents.ts';
import type { CallStore } from './callStore.ts';
import { isSameNumber } from './sameNumber.ts';
import { keyOfTimeKey } from './timeKey.ts';

/** How many went; never what they were. */
export interface Erased {
  calls: number;
  leads: number;
  /** What the tenant's own system was or would have been told. */
  deliveries: number;
}

export interface ErasedBefore extends Pick<Erased, 'calls' | 'leads'> {
  /** False where as many went as one run may take: the next goes on. */
  isDone: boolean;
}

const dayMs = 86_400_000;

/** Deletes what a tenant has stored of people: on request, and when it is older than the tenant keeps it. */
export class Erasure {
  readonly #calls: CallStore;
  readonly #leads: LeadStore;
  readonly #stores: Pick<Stores, 'tables' | 'blobs'>;

  constructor(deps: { calls: CallStore; leads: LeadStore; stores: Pick<Stores, 'tables' | 'blobs'> }) {
    this.#calls = deps.calls;
    this.#leads = deps.leads;
    this.#stores = deps.stores;
  }

  /** One call: rows, report, transcript, and what the tenant's system is told of it. A lead it left stays. Repeated, it counts none. */
  async eraseCall(tenantId: string, callId: string): Promise<Erased> {
    const deliveries = await eraseDeliveries(this.#stores, tenantId, (about) => about === aboutCall(callId));
    return { calls: await this.#calls.erase(tenantId, callId), leads: 0, deliveries };
  }

  /**
   * All calls from or to a number, and all leads that name it as the caller's or to be called back. Looks at every call
   * of the tenant, so it takes a while; cut short, it is run again. Repeated, it counts none.
   */
  async eraseCaller(tenantId: string, number: string): Promise<Erased> {
    let calls = 0;
    for await (const { callerNumber, rowKey } of this.#calls.list(tenantId))
      if (isSameNumber(callerNumber, number))
        calls += await this.#calls.erase(tenantId, keyOfTimeKey(rowKey));
    const leads = await this.#leads.eraseNumber(tenantId, number);
    const prefix = aboutNumber('');
    const isMeant = (about: string) =>
      about.startsWith(prefix) && isSameNumber(about.slice(prefix.length), number);
    return { calls, leads, deliveries: await eraseDeliveries(this.#stores, tenantId, isMeant) };
  }

  /**
   * Calls first seen, and leads last changed, more than `days` days before `now`; at most `most` of each in one run.
   * Calls without a tenant are those of the tenant `unassigned`.
   */
  async eraseBefore(tenantId: string, days: number, now: Date, most = 1_000): Promise<ErasedBefore> {
    const before = new Date(now.getTime() - days * dayMs);
    const calls = await this.#calls.eraseBefore(tenantId, before, most);
    const leads = await this.#leads.eraseBefore(tenantId, before, most);
    return { calls, leads, isDone: calls < most && leads < most };
  }
}
