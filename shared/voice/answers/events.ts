import { AppError } from '../../errors.ts';
import { lastingFacts } from '../calls/callFacts.ts';
import { type CallStore, unassigned } from '../calls/callStore.ts';
import type { TenantDirectory } from '../tenants/tenantDirectory.ts';
import type { Answered, Incoming } from './answered.ts';

export interface EventDeps {
  calls: Pick<CallStore, 'note'>;
  tenants: TenantDirectory;
  now: () => Date;
}

/** How long a log line waits for the name of its tenant. */
const logLookupMs = 250;
/** Vapi waits 20 s, and nobody on the line does. */
const lookupMs = 5_000;

/**
 * A message that wants no answer. What lasts of it is merged into the call's row before it is acknowledged.
 * @throws AppError `storage-unavailable` where that could not be done, so that Vapi sends it again.
 */
export async function noteEvent(incoming: Incoming, { calls, tenants, now }: EventDeps): Promise<Answered> {
  const { call } = incoming;
  const facts = call.callId === undefined ? undefined : lastingFacts(incoming, now());
  const lookup = await tenants.find(call, facts ? lookupMs : logLookupMs);
  const tenant = lookup.kind === 'found' ? lookup.tenant.tenantId : undefined;
  if (facts && call.callId !== undefined) {
    if (lookup.kind === 'unavailable')
      throw new AppError('storage-unavailable', 'The tenant cannot be read.', { cause: lookup.cause });
    await calls.note(tenant ?? unassigned, call.callId, facts, now());
  }
  return { body: {}, tenant };
}
