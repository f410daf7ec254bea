import { z } from 'zod';
import { whole } from '../config/fields.ts';
import { tryJson } from '../tryJson.ts';
import { defaultPolicies } from './defaults.ts';
import { type Operation, type Policy, policySchema, type Scope } from './policy.ts';

const modes = ['enforce', 'shadow', 'off'] as const;
const example = '[{"name": "audit-caller", "mode": "shadow"}]';
const listSchema = z.array(
  z.looseObject({ name: z.string('must have a name') }),
  `must be a JSON array of policies such as ${example}`,
);

/** Whom each operation can tell apart; model calls of audits know no tenant. */
const scopesOf: Readonly<Record<Operation, readonly Scope[]>> = {
  audit: ['caller', 'source-address', 'global'],
  'model-call': ['caller', 'tenant', 'deployment', 'global'],
  'assistant-request': ['tenant', 'phone-number', 'global'],
  'tool-calls': ['tenant', 'phone-number', 'global'],
  'failed-credential': ['source-address', 'global'],
};

/** Why a policy could never apply: what its operations do not tell or do not use. */
function* idleReasons({ operations, scope, unit }: Policy): Iterable<string> {
  for (const operation of operations) {
    if (!scopesOf[operation].includes(scope))
      yield `scope of ${operation} must be one of ${scopesOf[operation].join(', ')}`;
    if (unit !== 'requests' && operation !== 'model-call')
      yield `${operation} uses no ${unit}: only model-call does`;
  }
}

/** Policies as written, laid over the built-in ones: what a policy of a known name does not say stays as built in. */
function merged(given: readonly { name: string }[]): { name: string }[] {
  const byName = new Map<string, { name: string }>(defaultPolicies.map((policy) => [policy.name, policy]));
  for (const policy of given) byName.set(policy.name, { ...byName.get(policy.name), ...policy });
  return [...byName.values()];
}

const policiesSetting = z
  .string()
  .default('[]')
  .transform((text, context): Policy[] => {
    const wrong = (message: string) => void context.addIssue({ code: 'custom', message });
    const list = listSchema.safeParse(tryJson(text));
    if (!list.success) {
      wrong(list.error.issues[0]?.message ?? '');
      return z.NEVER;
    }
    return merged(list.data).flatMap((policy, i) => {
      const parsed = policySchema.safeParse(policy);
      const isName = /^[a-z][a-z0-9-]{0,49}$/.test(policy.name);
      const which = isName ? `policy "${policy.name}":` : `policy ${i - defaultPolicies.length + 1}:`;
      const faults = parsed.success
        ? [...idleReasons(parsed.data)]
        : parsed.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(' '));
      for (const fault of faults) wrong(`${which} ${fault}`);
      return parsed.success ? [parsed.data] : [];
    });
  });

export const limitsSettings = z.object({
  GATEHOUSE_LIMITS: policiesSetting,
  /** `shadow` and `off` hold for all policies, whatever they say themselves. */
  GATEHOUSE_LIMITS_MODE: z.enum(modes, 'must be enforce, shadow or off').default('enforce'),
  GATEHOUSE_LIMITS_STORE_TIMEOUT_MS: whole(1_000, 50, 8_000),
});

export type LimitsConfig = ReturnType<typeof toLimits>;

export function toLimits(s: z.infer<typeof limitsSettings>) {
  const mode = s.GATEHOUSE_LIMITS_MODE;
  const effective = (own: Policy['mode']) => (mode === 'enforce' || own === 'off' ? own : mode);
  return {
    policies: s.GATEHOUSE_LIMITS.map((policy): Policy => ({ ...policy, mode: effective(policy.mode) })),
    storeTimeoutMs: s.GATEHOUSE_LIMITS_STORE_TIMEOUT_MS,
  };
}

/** What holds where nothing is set, or something is set wrong: the switch for all policies works all the same. */
export function builtInLimits(mode?: string): LimitsConfig {
  const given = limitsSettings.safeParse(mode ? { GATEHOUSE_LIMITS_MODE: mode } : {});
  return toLimits(given.success ? given.data : limitsSettings.parse({}));
}
