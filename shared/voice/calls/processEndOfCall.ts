import { createHash } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { parseJson } from '../../http/body.ts';
import type { Stores } from '../../storage/stores.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { readReport } from '../messages/endOfCallReport.ts';
import { readDelivery } from '../messages/envelope.ts';
import type { TenantDirectory } from '../tenants/tenantDirectory.ts';
import { type CallStore, unassigned } from './callStore.ts';
import { discard, readTicket, redeem } from './claimCheck.ts';

/** How long a queue function may wait for the tenant; nobody is on the line. */
const lookupBudgetMs = 30_000;

export interface EndOfCallDeps {
  stores: Pick<Stores, 'blobs'>;
  calls: CallStore;
  tenants: TenantDirectory;
}

/**
 * Processes one ticket of the `end-of-call` queue: call row, report blob, then the inbox is cleared. Anything thrown
 * brings the message back, and after five tries into the poison queue.
 */
export async function processEndOfCall(message: unknown, deps: EndOfCallDeps, log: Logger): Promise<void> {
  const started = performance.now();
  const ticket = readTicket(message);
  const body = await redeem(deps.stores, ticket);
  if (!body) {
    log.warn('end-of-call-already-processed', { blob: ticket.blob });
    return;
  }
  const { message: report, call } = readDelivery(parseJson(body));
  const lookup = await deps.tenants.find(call, lookupBudgetMs);
  if (lookup.kind === 'unavailable')
    throw new AppError('storage-unavailable', 'The tenant cannot be read.', { cause: lookup.cause });
  const tenantId = lookup.kind === 'found' ? lookup.tenant.tenantId : unassigned;
  const callId = call.callId ?? `no-id-${createHash('sha256').update(body).digest('hex')}`;
  const facts = readReport(report);
  await deps.calls.saveReport(tenantId, callId, call, facts, body, ticket.receivedAt);
  if (tenantId !== unassigned) await deps.calls.removeUnassigned(callId);
  await discard(deps.stores, ticket);
  log.info('end-of-call-stored', {
    callId,
    tenant: tenantId,
    endedReason: facts.endedReason,
    durationMs: Math.round(performance.now() - started),
  });
}
