/** Tries of one tenant's deliveries that are under way at a time, on an instance. */
export const mostUnderWay = 2;

/** How long a try is taken to last before one has ended, in milliseconds. */
const usualMs = 250;
/** Whoever is put off asks again after this time at the latest: the endpoint may have become quick. */
const longestWaitMs = 5 * 60_000;

interface Lane {
  /** When each try under way began. */
  began: number[];
  /** How long the last try took. */
  tookMs: number;
  /** The moment that was given to the last one put off. */
  lastTurn: number;
}

/** A try may be made now, and `leave` is to be called when it has ended; or it is to come again after `waitMs`. */
export type Slot = { kind: 'free'; leave: (now: number) => void } | { kind: 'taken'; waitMs: number };

/**
 * Lets each tenant have so many tries at a time on this instance, so that an endpoint which is slow to answer keeps no
 * other waiting. Who is put off gets a moment of its own, as far from the one before as the endpoint takes for a try:
 * thousands that wait do not all ask again at once. Kept in memory only: what is lost is a little order. Times are
 * milliseconds.
 */
export class TenantSlots {
  readonly #lanes = new Map<string, Lane>();

  take(tenantId: string, now: number): Slot {
    const lane = this.#lanes.get(tenantId) ?? { began: [], tookMs: usualMs, lastTurn: 0 };
    if (lane.began.length >= mostUnderWay) return { kind: 'taken', waitMs: putOff(lane, now) };
    this.#lanes.set(tenantId, lane);
    lane.began.push(now);
    return { kind: 'free', leave: (at) => this.#leave(tenantId, lane, now, at) };
  }

  #leave(tenantId: string, lane: Lane, began: number, now: number): void {
    lane.began.splice(lane.began.indexOf(began), 1);
    lane.tookMs = Math.max(0, now - began);
    if (lane.began.length === 0 && lane.lastTurn <= now) this.#lanes.delete(tenantId);
  }
}

/** Takes the next moment, and gives how far off it is. Where that is too far, moments are given out from now on again. */
function putOff(lane: Lane, now: number): number {
  const oldest = now - Math.min(...lane.began);
  const apart = Math.min(Math.max(lane.tookMs, oldest) / mostUnderWay, longestWaitMs);
  const next = Math.max(lane.lastTurn, now) + apart;
  lane.lastTurn = next - now > longestWaitMs ? now + apart : next;
  return lane.lastTurn - now;
}
