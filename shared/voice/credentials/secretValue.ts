import { z } from 'zod';
import type { Given } from '../../config/section.ts';

/** A shorter one can be guessed. Characters of text, bytes of a decoded key. */
export const shortestSecret = 8;
const longestSecret = 1_024;

/** What Azure leaves in place of a secret it could not fetch: known to everybody who knows the vault's name. */
const unresolvedReference = /^@Microsoft\.(KeyVault|AppConfiguration)\(/i;

const written = z.union(
  [
    z.string(),
    z.strictObject({
      env: z.string().regex(/^[A-Za-z_][A-Za-z0-9_]{0,127}$/, 'must be the name of a setting'),
    }),
  ],
  'must be text, or {"env": "NAME"} with the name of a setting that holds it',
);

/** What is wrong with a secret, in words that do not repeat it; undefined where nothing is. */
export function secretFault(secret: string): string | undefined {
  if (unresolvedReference.test(secret))
    return 'is a Key Vault reference that Azure could not resolve; check the access of the identity';
  if (secret.length < shortestSecret) return `needs at least ${shortestSecret} characters`;
  if (secret.length > longestSecret) return `must have at most ${longestSecret} characters`;
  return undefined;
}

/** For secrets that travel in a header: what else arrives there changed, or not at all. */
export function headerSecretFault(secret: string): string | undefined {
  return (
    secretFault(secret) ??
    (/^[\x20-\x7e]+$/.test(secret) ? undefined : 'must be plain ASCII characters to travel in a header')
  );
}

/**
 * A secret written directly or as `{"env": "NAME"}`, which is looked up in `given`; as text, without white space around
 * it. Faults name the setting and never a value.
 */
export function secretValue(given: Given, faultOf: (secret: string) => string | undefined) {
  return written.transform((value, context) => {
    const name = typeof value === 'string' ? undefined : value.env;
    const wrong = (fault: string) => {
      context.addIssue({ code: 'custom', message: name ? `(setting ${name}) ${fault}` : fault });
      return z.NEVER;
    };
    if (name && !Object.hasOwn(given, name)) return wrong('is not set; set it, or take it out here');
    const secret = (name ? (given[name] ?? '') : String(value)).trim();
    const fault = faultOf(secret);
    return fault ? wrong(fault) : secret;
  });
}
