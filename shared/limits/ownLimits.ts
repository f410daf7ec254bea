import { z } from 'zod';
import { limitsSchema, quotaSchema } from './limit.ts';
import { mostOf, type Operation, type Policy, withLimits } from './policy.ts';

const mostRequests = mostOf('requests');
const limits = limitsSchema(quotaSchema.max(mostRequests, `must be at most ${mostRequests}`));

/** Limits that one tenant has of its own, as its configuration says them. */
export const ownLimitsSchema = z.strictObject({
  calls: limits.optional().describe('In place of the windows of the policy calls-tenant.'),
  toolCalls: limits.optional().describe('In place of the windows of the policy tools-tenant.'),
});

export type OwnLimits = z.infer<typeof ownLimitsSchema>;

/** The policies whose windows a tenant may have of its own. */
const memberOf: Readonly<Record<string, keyof OwnLimits>> = {
  'calls-tenant': 'calls',
  'tools-tenant': 'toolCalls',
};
/** Operations whose checks always tell what limits the tenant has of its own. */
const telling: readonly Operation[] = ['assistant-request', 'tool-calls'];

/** True where a tenant's own limits count: an operator may have made the policy one for somebody or something else. */
export function mayHaveOwn({ name, scope, unit, operations }: Policy): boolean {
  const isTold = operations.every((operation) => telling.includes(operation));
  return name in memberOf && scope === 'tenant' && unit === 'requests' && isTold;
}

/** The policy with the tenant's own windows, or as it is where the tenant has none. */
export function withOwnLimits(policy: Policy, own: OwnLimits): Policy {
  const member = memberOf[policy.name];
  const given = member && own[member];
  return given && mayHaveOwn(policy) ? withLimits(policy, given) : policy;
}
