import { failuresOf } from './compareWishes.ts';
import type { Heard } from './crm.ts';
import type { Differences } from './differences.ts';
import type { Expected, ExpectedCall, ExpectedWish } from './expected.ts';
import type { Journal } from './journal.ts';
import type { Seen } from './seen.ts';

const typesOf = { lead: 'lead.created', message: 'message.taken', callback: 'callback.requested' } as const;

/** Each event that is due has come, under one id, and nothing else has. */
export function compareDeliveries(
  expected: Expected,
  { told, heard, journal }: Seen,
  wishes: ReadonlyMap<string, ExpectedWish>,
  differences: Differences,
): void {
  const { tenantId, subscribed, calls } = expected;
  const listed = new Map(told.deliveries.map((row) => [String(row.eventId), row]));
  if (listed.size < told.deliveries.length) differences.repeats(`a delivery in the list of ${tenantId}`);
  for (const [id, { state }] of listed) {
    if (state !== 'delivered') differences.lacks(`delivery ${id} of ${tenantId}: it is ${String(state)}`);
    else if (!heard.get(id)?.accepted)
      differences.lacks(`event ${id} of ${tenantId}: nobody has received it`);
  }
  const mine = [...heard].filter(([, event]) => event.tenantId === tenantId);
  for (const [id, { type }] of mine) {
    if (!listed.has(id)) differences.differs(`event ${id} of ${tenantId} is in no list`);
    if (!subscribed.includes(type)) differences.differs(`${tenantId} never wanted to be told ${type}`);
  }
  const byThing = Map.groupBy(mine, ([, { type, data }]) =>
    String(type === 'call.ended' ? data.callId : data.leadId),
  );
  for (const call of calls.filter(isTold(expected))) compareEnd(call, byThing, tenantId, differences);
  for (const [id, wish] of wishes) {
    const types = wish.kind === 'lead' ? ['lead.created', 'lead.updated'] : [typesOf[wish.kind]];
    if (types.some((type) => subscribed.includes(type)))
      compareWishEvents(id, wish, expected, byThing, journal, differences);
    byThing.delete(id);
  }
  for (const [id, events] of byThing)
    for (const [, { data }] of events)
      if (!told.leads.some(({ leadId }) => leadId === data.leadId))
        differences.differs(`${tenantId} was told of ${id}, which is nowhere`);
}

/** Calls whose report is in: only those have a summary. */
const isTold =
  ({ subscribed }: Expected) =>
  ({ summary }: ExpectedCall) =>
    summary !== undefined && subscribed.includes('call.ended');

type ByThing = Map<string, [id: string, event: Heard][]>;

function compareEnd(
  { callId, durationSeconds, costUsd, endedReason }: ExpectedCall,
  byThing: ByThing,
  tenantId: string,
  differences: Differences,
): void {
  const events = byThing.get(callId) ?? [];
  byThing.delete(callId);
  const what = `call.ended of ${callId} for ${tenantId}`;
  const [first] = events;
  if (!first) {
    differences.lacks(what);
    return;
  }
  if (events.length > 1) differences.repeats(what);
  const { data } = first[1];
  if (
    data.durationSeconds !== durationSeconds ||
    data.costUsd !== costUsd ||
    data.endedReason !== endedReason
  )
    differences.differs(`${what} says otherwise than its report`);
}

function compareWishEvents(
  id: string,
  wish: ExpectedWish,
  { tenantId }: Expected,
  byThing: ByThing,
  journal: Journal,
  differences: Differences,
): void {
  const events = byThing.get(id) ?? [];
  const failures = failuresOf(wish, journal);
  const due = wish.asks.length;
  const what = `events of ${wish.kind} ${id} for ${tenantId}`;
  // A request that failed may have been told, or may have taken the telling of its making with it.
  if (events.length < due - failures) differences.lacks(`${what}: ${events.length} of ${due}`);
  if (events.length > due + failures) differences.repeats(`${what}: ${events.length} instead of ${due}`);
  const makings = events.filter(([, { type }]) => type === 'lead.created').length;
  if (makings > 1) differences.repeats(`lead.created of ${id} for ${tenantId}`);
  for (const [event, { data }] of events)
    if (data.kind !== wish.kind || data.callerNumber !== wish.details.callerNumber)
      differences.differs(`event ${event} of ${tenantId} is about somebody else`);
}
