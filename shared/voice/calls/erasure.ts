import type { LeadStore } from '../leads/leadStore.ts';
import type { CallStore } from './callStore.ts';
import { isSameNumber } from './sameNumber.ts';
import { keyOfTimeKey } from './timeKey.ts';

/** How many went; never what they were. */
export interface Erased {
  calls: number;
  leads: number;
}

export interface ErasedBefore extends Erased {
  /** False where as many went as one run may take: the next goes on. */
  isDone: boolean;
}

const dayMs = 86_400_000;

/** Deletes what a tenant has stored of people: on request, and when it is older than the tenant keeps it. */
export class Erasure {
  readonly #calls: CallStore;
  readonly #leads: LeadStore;

  constructor(stores: { calls: CallStore; leads: LeadStore }) {
    this.#calls = stores.calls;
    this.#leads = stores.leads;
  }

  /** One call: rows, report, transcript. A lead it left stays. Repeated, it counts none. */
  async eraseCall(tenantId: string, callId: string): Promise<Erased> {
    return { calls: await this.#calls.erase(tenantId, callId), leads: 0 };
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
    return { calls, leads: await this.#leads.eraseNumber(tenantId, number) };
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
