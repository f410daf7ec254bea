import { type Credential, credentialSchema } from '../../shared/voice/credentials/credential.ts';
import type { Presented, Verdict } from '../../shared/voice/credentials/presented.ts';
import { readCredentials } from '../../shared/voice/credentials/readCredentials.ts';
import { createVerifier, type VerifierOptions } from '../../shared/voice/credentials/verifier.ts';

export const now = new Date('2026-11-21T00:49:00Z');

/** A delivery as Vapi would send it, with the given parts. */
export function presented(
  parts: Partial<Omit<Presented, 'headers'>> & { headers?: ConstructorParameters<typeof Headers>[0] },
): Presented {
  return {
    method: 'POST',
    url: () => 'https://gatehouse.example/api/vapi/webhook',
    body: Buffer.from('{"message":{"type":"status-update"}}'),
    address: '167.150.225.213',
    ...parts,
    headers: new Headers(parts.headers),
  };
}

/** A credential as the setting would hold it. */
export function credential(written: unknown, given: Record<string, string> = {}): Credential {
  return credentialSchema(given).parse(written);
}

export function verifier(written: readonly unknown[], options: Partial<VerifierOptions> = {}) {
  const read = readCredentials(JSON.stringify(written), [], {});
  if (!read.ok) throw new Error(JSON.stringify(read.problems));
  return createVerifier(read.value, { ranges: [], replayWindowMs: 300_000, ...options });
}

/** The outcome in one word: the reason where it is a refusal. */
export function outcome(verdict: Verdict): string {
  return verdict.kind === 'refused' ? verdict.reason : verdict.kind;
}
