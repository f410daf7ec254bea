import { createHash } from 'node:crypto';
import { AppError } from '../../errors.ts';
import { parseJson } from '../../http/body.ts';
import type { Stores } from '../../storage/stores.ts';
import { recordMetric } from '../../telemetry/instruments.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { carrierOf, continueTrace, type TraceCarrier } from '../../telemetry/propagation.ts';
import { traced } from '../../telemetry/spans.ts';
import { toMicroUsd } from '../../usage/ledger/counters.ts';
import type { Ledger } from '../../usage/ledger/ledger.ts';
import { type ReportFacts, readReport } from '../messages/endOfCallReport.ts';
import { readDelivery } from '../messages/envelope.ts';
import type { TenantDirectory } from '../tenants/tenantDirectory.ts';
import { type CallStore, unassigned } from './callStore.ts';
import { discard, endOfCallQueue, readTicket, redeem, type Ticket } from './claimCheck.ts';

/** How long a queue function may wait for the tenant; nobody is on the line. */
const lookupBudgetMs = 30_000;

export interface EndOfCallDeps {
  stores: Pick<Stores, 'blobs'>;
  calls: CallStore;
  tenants: TenantDirectory;
  ledger: Pick<Ledger, 'record'>;
  now: () => Date;
}

/**
 * Processes one ticket of the `end-of-call` queue: call row, report blob, usage, then the inbox is cleared. Its span
 * belongs to the trace of the delivery. Anything thrown brings the message back, and after five tries into the poison
 * queue.
 */
export async function processEndOfCall(message: unknown, deps: EndOfCallDeps, log: Logger): Promise<void> {
  const ticket = readTicket(message);
  const ageMs = deps.now().getTime() - Date.parse(ticket.receivedAt);
  recordMetric('gatehouse.end_of_call.queue_age', Math.max(0, ageMs) / 1000);
  await continueTrace(toCarrier(ticket), () =>
    traced(`process ${endOfCallQueue}`, () => processTicket(ticket, deps, log), {
      kind: 'consumer',
      attributes: { 'messaging.operation.type': 'process', 'messaging.destination.name': endOfCallQueue },
    }),
  );
}

async function processTicket(ticket: Ticket, deps: EndOfCallDeps, log: Logger): Promise<void> {
  const started = performance.now();
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
  await noteUsage(deps.ledger, tenantId, callId, facts, ticket.receivedAt);
  await discard(deps.stores, ticket);
  log.info('end-of-call-stored', {
    callId,
    tenant: tenantId,
    endedReason: facts.endedReason,
    durationMs: Math.round(performance.now() - started),
  });
}

/** Minutes and money of a call, once, on the day it ended, however often its report comes. */
async function noteUsage(
  ledger: EndOfCallDeps['ledger'],
  tenant: string,
  callId: string,
  { durationSeconds = 0, costUsd = 0, endedAt }: ReportFacts,
  receivedAt: string,
): Promise<void> {
  const amounts = {
    voiceCalls: 1,
    voiceMs: Math.round(durationSeconds * 1000),
    vapiCost: toMicroUsd(costUsd),
  };
  const day = (endedAt ?? receivedAt).slice(0, 10);
  const recorded = await ledger.record({ tenant, amounts, day, once: callId });
  if (recorded === 'repeated') return;
  recordMetric('gatehouse.voice.minutes', durationSeconds / 60);
  recordMetric('gatehouse.voice.cost', costUsd);
}

function toCarrier({ trace }: Ticket): TraceCarrier | undefined {
  return trace && carrierOf({ traceParent: trace.traceparent, traceState: trace.tracestate });
}
