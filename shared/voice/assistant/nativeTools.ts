import { openState } from '../tenants/hours.ts';
import { localMoment } from '../tenants/localClock.ts';
import type { Tenant } from '../tenants/tenant.ts';
import {
  type AssistantDestination,
  isAssistant,
  isPhone,
  isReachable,
  type PhoneDestination,
} from '../tenants/transfer.ts';
import { cut, oneLine } from './prompt.ts';

/** Longest description of a destination; Vapi makes it part of the tool's own. */
const longestDescription = 400;

/** Whether the business is open; undefined where its hours are known in words alone. */
export function isOpenAt({ hours, timezone }: Tenant, now: Date): boolean | undefined {
  return hours && openState(hours, localMoment(now, timezone)).isOpen;
}

/** Vapi's own tools as the business has them; callers are put through only to where somebody can be reached. */
export function nativeTools(tenant: Tenant, now: Date) {
  const { endCall, sms, dtmf } = tenant.tools;
  const isOpen = isOpenAt(tenant, now);
  const reachable = tenant.transfer.destinations.filter((destination) => isReachable(destination, isOpen));
  const destinations = reachable.filter(isPhone).map(toVapiDestination);
  const handoffs = reachable.filter(isAssistant).map(toHandoff);
  return [
    ...(destinations.length > 0 ? [{ type: 'transferCall' as const, destinations }] : []),
    ...(handoffs.length > 0 ? [{ type: 'handoff' as const, destinations: handoffs }] : []),
    ...(endCall ? [{ type: 'endCall' as const }] : []),
    ...(sms ? [{ type: 'sms' as const }] : []),
    ...(dtmf ? [{ type: 'dtmf' as const }] : []),
  ];
}

/** An assistant as Vapi takes it in a tool and as the answer to a request for one. */
export function toHandoff({ assistantId, name, description }: AssistantDestination) {
  return { type: 'assistant' as const, assistantId, description: oneLine(description ?? name) };
}

/** A destination as Vapi takes it in a tool and as the answer to a request for one. */
export function toVapiDestination(destination: PhoneDestination) {
  const { name, description, message, urgency } = destination;
  const when = urgency === 'emergency' ? 'Only in an emergency. ' : '';
  const common = {
    ...(message === undefined ? {} : { message: oneLine(message) }),
    description: cut(`${when}${oneLine(description ?? name)}`, longestDescription),
  };
  if ('sipUri' in destination) return { type: 'sip' as const, sipUri: destination.sipUri, ...common };
  const { number, extension } = destination;
  return { type: 'number' as const, number, ...(extension ? { extension } : {}), ...common };
}
