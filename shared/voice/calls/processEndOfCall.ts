import { AppError } from '../../errors.ts';
import { parseJson } from '../../http/body.ts';
import type { Stores } from '../../storage/stores.ts';
import { recordMetric } from '../../telemetry/instruments.ts';
import type { Logger } from '../../telemetry/logger.ts';
import { carrierOf, continueTrace, type TraceCarrier } from '../../telemetry/propagation.ts';
import { traced } from '../../telemetry/spans.ts';
import type { Ledger } from '../../usage/ledger/ledger.ts';
import { readReport } from '../messages/endOfCallReport.ts';
import { readDelivery } from '../messages/envelope.ts';
import { readReportDetails } from '../messages/reportDetails.ts';
import type { TenantDirectory } from '../tenants/tenantDirectory.ts';
import type { TenantEvents } from '../tenants/tenantEvents.ts';
import { idOfBody, toView } from './callRow.ts';
import { type CallStore, unassigned } from './callStore.ts';
import type { CallUsage } from './callUsage.ts';
import { discard, endOfCallQueue, readTicket, redeem, type Ticket } from './claimCheck.ts';

/** How long a queue function may wait for the tenant; nobody is on the line. */
const lookupBudgetMs = 30_000;

export interface EndOfCallDeps {
  stores: Pick<Stores, 'blobs'>;
  calls: CallStore;
  tenants: TenantDirectory;
  ledger: Pick<Ledger, 'record'>;
  events: Pick<TenantEvents, 'tell'>;
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
  const { message: report, call: told } = readDelivery(parseJson(body));
  const call = ticket.tenantId === undefined ? told : { ...told, tenantId: ticket.tenantId };
  const lookup = await deps.tenants.find(call, lookupBudgetMs);
  if (lookup.kind === 'unavailable')
    throw new AppError('storage-unavailable', 'The tenant cannot be read.', { cause: lookup.cause });
  const known = lookup.kind === 'found' ? lookup.tenant.tenantId : unassigned;
  const callId = call.callId ?? idOfBody(body);
  const facts = readReport(report);
  const { tenantId, outcome, usage } = await deps.calls.saveReport(
    known,
    callId,
    call,
    facts,
    body,
    ticket.receivedAt,
    readReportDetails(report),
  );
  await noteUsage(deps.ledger, tenantId, callId, usage);
  if (tenantId !== unassigned) await tellEnd(deps, tenantId, callId);
  await discard(deps.stores, ticket);
  log.info('end-of-call-stored', {
    callId,
    tenant: tenantId,
    outcome,
    endedReason: facts.endedReason,
    durationMs: Math.round(performance.now() - started),
  });
}

/** The same event for every report of a call; what was erased meanwhile is not told. */
async function tellEnd(
  { calls, events, now }: EndOfCallDeps,
  tenantId: string,
  callId: string,
): Promise<void> {
  const read = async () => {
    const row = await calls.get(tenantId, callId);
    return row && toView(row);
  };
  await events.tell(tenantId, 'call.ended', ['call', callId], read, now());
}

/**
 * Minutes and money of a call, once, on the day its first report says it ended, however often its report comes. What was
 * counted before its tenant was known is taken back there, and counted for the tenant.
 */
async function noteUsage(
  ledger: EndOfCallDeps['ledger'],
  tenant: string,
  callId: string,
  usage: CallUsage | undefined,
): Promise<void> {
  if (!usage) return;
  const { day, ms, microUsd, countedFor } = usage;
  const count = (whose: string, once: string, sign: 1 | -1) =>
    ledger.record({
      tenant: whose,
      amounts: { voiceCalls: sign, voiceMs: sign * ms, vapiCost: sign * microUsd },
      day,
      once,
    });
  if ((await count(countedFor ?? tenant, callId, 1)) === 'stored') {
    recordMetric('gatehouse.voice.minutes', ms / 60_000);
    recordMetric('gatehouse.voice.cost', microUsd / 1_000_000);
  }
  if (countedFor === undefined || countedFor === tenant) return;
  await count(countedFor, `${callId}|left`, -1);
  await count(tenant, `${callId}|came`, 1);
}

function toCarrier({ trace }: Ticket): TraceCarrier | undefined {
  return trace && carrierOf({ traceParent: trace.traceparent, traceState: trace.tracestate });
}
