import { hash, timingSafeEqual } from 'node:crypto';
import type { CredentialOf } from './credential.ts';
import type { Check, Finding } from './presented.ts';

const digest = (text: string) => hash('sha256', text, 'buffer');

/** How a credential is named in logs. */
export function labelOf({ type, name }: { type: string; name?: string | undefined }): string {
  return name === undefined ? type : `${type}/${name}`;
}

/**
 * Compares with every secret, always all of them, in a time that tells nothing of what they have in common. Digests of
 * equal length are compared, so not even the length of a secret shows.
 */
function matcher(secrets: readonly string[]): (presented: string) => boolean {
  const digests = secrets.map(digest);
  return (presented) => {
    const given = digest(presented);
    let matches = 0;
    for (const known of digests) matches += timingSafeEqual(known, given) ? 1 : 0;
    return matches > 0;
  };
}

/** An empty value is a missing one, so that it matches nothing, not even an empty secret. */
function findingOf(value: string | null, matches: (presented: string) => boolean): Finding {
  if (!value) return 'missing';
  return matches(value) ? 'matched' : 'wrong';
}

/** `X-Vapi-Secret`. Vapi sends it empty where none is set: that is a missing one. */
export function secretCheck(credential: CredentialOf<'secret'>): Check {
  const matches = matcher(credential.secrets);
  return {
    label: labelOf(credential),
    description: 'x-vapi-secret',
    check: ({ headers }) => findingOf(headers.get('x-vapi-secret'), matches),
  };
}

/** What stands after `Bearer`, in whatever case; empty where the header says anything else. */
export function bearerToken(header: string): string {
  return /^bearer +(.*)$/i.exec(header)?.[1] ?? '';
}

export function bearerCheck(credential: CredentialOf<'bearer'>): Check {
  const { headerName, bearerPrefixEnabled, secrets } = credential;
  const matches = matcher(secrets);
  return {
    label: labelOf(credential),
    description: `${headerName.toLowerCase()}${bearerPrefixEnabled ? '' : ' without prefix'}`,
    check: ({ headers }) => {
      const header = headers.get(headerName);
      return findingOf(header && bearerPrefixEnabled ? bearerToken(header) : header, matches);
    },
  };
}

/** Static headers, all of which must match; which of several did not is not told. */
export function headersCheck(credential: CredentialOf<'headers'>): Check {
  const pairs = Object.entries(credential.headers).map(([name, value]) => [name, matcher([value])] as const);
  return {
    label: labelOf(credential),
    description: pairs.map(([name]) => name.toLowerCase()).join(', '),
    check: ({ headers }) => {
      const found = pairs.map(([name, matches]) => findingOf(headers.get(name), matches));
      if (found.every((finding) => finding === 'matched')) return 'matched';
      return found.every((finding) => finding === 'missing') ? 'missing' : 'wrong';
    },
  };
}
