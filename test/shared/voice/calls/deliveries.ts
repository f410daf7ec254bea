import fc from 'fast-check';
import { lastingFacts, reportFacts } from '../../../../shared/voice/calls/callFacts.ts';
import { type CallState, mergeCall, nothing } from '../../../../shared/voice/calls/callState.ts';
import { readReport } from '../../../../shared/voice/messages/endOfCallReport.ts';
import { type Delivery, readDelivery } from '../../../../shared/voice/messages/envelope.ts';
import { readReportDetails } from '../../../../shared/voice/messages/reportDetails.ts';

export const start = Date.parse('2026-11-20T21:04:12.000Z');
export const receivedAt = new Date(start + 60_000);
export const call = { id: 'c-1', type: 'inboundPhoneCall', createdAt: '2026-11-20T21:04:11.318Z' };

/** A message of the call, `seconds` after it began. */
export function delivery(type: string, seconds: number, members: object = {}): Delivery {
  const timestamp = start + seconds * 1000;
  return readDelivery({
    message: { type, timestamp, call, customer: { number: '+61491570156' }, ...members },
  });
}

/** What a delivery leaves, a report like any other. */
export function factsOf(given: Delivery): CallState {
  const { type, message, call: facts } = given;
  if (type !== 'end-of-call-report') return lastingFacts(given, receivedAt) ?? nothing;
  return reportFacts(facts, readReport(message), readReportDetails(message), receivedAt.toISOString());
}

export function merged(deliveries: readonly Delivery[]): CallState {
  return deliveries.map(factsOf).reduce(mergeCall, nothing);
}

const statuses = ['scheduled', 'queued', 'ringing', 'in-progress', 'forwarding', 'ended', 'not-found', 'new'];
const moment = fc.integer({ min: 0, max: 4 });

/** Any lasting message, with few times and values so that they meet. */
export const anyDelivery: fc.Arbitrary<Delivery> = fc.oneof(
  fc
    .record({
      seconds: moment,
      status: fc.constantFrom(...statuses),
      endedReason: fc.constantFrom('hangup', 'silence'),
      destination: fc.constantFrom({ type: 'number', number: '+61255501234' }, { type: 'sip' }, null),
    })
    .map(({ seconds, ...members }) => delivery('status-update', seconds, members)),
  moment.map((seconds) => delivery('hang', seconds)),
  moment.map((seconds) => delivery('assistant.started', seconds)),
  moment.map((seconds) => delivery('call.deleted', seconds)),
  fc
    .record({ seconds: moment, type: fc.constantFrom('number', 'assistant') })
    .map(({ seconds, type }) => delivery('transfer-update', seconds, { destination: { type } })),
  fc
    .record({ type: fc.constantFrom('log', 'pcap'), success: fc.boolean() })
    .map((artifact) => delivery('call.artifact.upload', 9, { artifacts: [artifact] })),
  fc
    .record({
      seconds: moment,
      cost: fc.constantFrom(0.01, 0.02, undefined),
      endedReason: fc.constantFrom('customer-ended-call', undefined),
      startedAt: fc.constantFrom('2026-11-20T21:04:12.104Z', undefined),
      endedAt: fc.constantFrom('2026-11-20T21:04:50.114Z', '2026-11-20T21:04:51.000Z', undefined),
      summary: fc.constantFrom('a', 'b', undefined),
      transcript: fc.constantFrom('AI: a', 'AI: b'),
    })
    .map(({ seconds, ...members }) => delivery('end-of-call-report', seconds, members)),
);
