import type { Decision } from '../../limits/decision.ts';
import type { Limiter } from '../../limits/limiter.ts';
import type { Logger } from '../../telemetry/logger.ts';
import type { CallFacts } from '../messages/envelope.ts';
import { isE164 } from '../phoneNumber.ts';
import type { Tenant } from '../tenants/tenant.ts';

/** What carriers send in place of a withheld number: the letters ANONYMOUS, RESTRICTED, UNAVAILABLE, UNKNOWN, BLOCKED on a keypad. */
const withheld = new Set(['+266696687', '+7378742833', '+86282452253', '+8656696', '+2562533']);

/** Whoever withholds a number shares no limit with others who do. */
export function isNumber(number: string | undefined): number is string {
  return number !== undefined && isE164(number) && !withheld.has(number);
}

/** Nobody on the line waits for a limit: what is not known yet is admitted from the instance's own share. */
export async function admit(
  limiter: Pick<Limiter, 'check'>,
  operation: 'assistant-request' | 'tool-calls',
  { callerNumber, callId }: CallFacts,
  known: Pick<Tenant, 'tenantId' | 'limits'> | undefined,
  requests: number,
  log: Logger,
): Promise<Decision> {
  const tenant = known?.tenantId;
  const subject = {
    ...(tenant === undefined ? {} : { tenant }),
    ...(isNumber(callerNumber) ? { 'phone-number': callerNumber } : {}),
  };
  const decision = await limiter.check(operation, subject, { requests }, 'none', known?.limits);
  if (decision.kind === 'allowed' && decision.shadowed.length > 0)
    log.warn('limit-shadow-refusal', { operation, callId, tenant, limits: decision.shadowed });
  if (decision.kind === 'allowed' && decision.permit.degraded)
    log.warn('limit-degraded', { operation, callId, tenant });
  return decision;
}

/** The limits that refused, or could not be asked, for the log. */
export function sayOverLimit(decision: Exclude<Decision, { kind: 'allowed' }>): string {
  const names =
    decision.kind === 'unavailable'
      ? `${decision.policies.join(', ')} (not checked)`
      : decision.violations.map(({ window }) => window.name).join(', ');
  return `over limit: ${names}`;
}
