import { z } from 'zod';
import { whole } from '../config/fields.ts';
import { defaultPolicies } from './defaults.ts';
import { type Policy, policySchema } from './policy.ts';

const modes = ['enforce', 'shadow', 'off'] as const;
const example = '[{"name": "audit-caller", "mode": "shadow"}]';
const listSchema = z.array(
  z.looseObject({ name: z.string('must have a name') }),
  `must be a JSON array of policies such as ${example}`,
);

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
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
    return merged(list.data).flatMap((policy) => {
      const parsed = policySchema.safeParse(policy);
      if (parsed.success) return [parsed.data];
      for (const { path, message } of parsed.error.issues)
        wrong([`policy "${policy.name}":`, path.join('.'), message].filter(Boolean).join(' '));
      return [];
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

/** What holds where nothing is set. */
export function builtInLimits(): LimitsConfig {
  return toLimits(limitsSettings.parse({}));
}
