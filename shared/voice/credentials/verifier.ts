import type { Credential } from './credential.ts';
import { bearerCheck, headersCheck, secretCheck } from './headerCheck.ts';
import { hmacCheck } from './hmacCheck.ts';
import { OAuthCheck } from './oauthCheck.ts';
import {
  type Check,
  type Finding,
  findings,
  type Presented,
  type Unavailable,
  type Verdict,
} from './presented.ts';
import { rangeTest } from './sourceRanges.ts';

export interface VerifierOptions {
  /** Source ranges, checked with `sourceRange`; empty where any address will do. In addition to a credential. */
  ranges: readonly string[];
  /** How far a signed timestamp may lie from now, before or after; Vapi's peers use 300 000. */
  replayWindowMs: number;
  /** Fetches the keys of issuers; `globalThis.fetch` unless given. */
  fetch?: typeof globalThis.fetch;
}

export interface Verifier {
  /**
   * Whether a delivery carries any of the credentials. Never throws or rejects. A promise only where an OAuth token has to
   * be checked.
   */
  verify(presented: Presented, now: Date): Verdict | Promise<Verdict>;
  /** What is checked, for operators; nothing secret. */
  describe(): string[];
  /** True where `body` must be read before a delivery from this address can be verified. */
  needsBody(address: string | undefined): boolean;
}

/** What one credential found, with the credential. */
interface Found {
  check: Pick<Check, 'label' | 'messageId'>;
  finding: Finding | Unavailable;
}

function directCheck(credential: Credential): Check[] {
  if (credential.type === 'secret') return [secretCheck(credential)];
  if (credential.type === 'bearer') return [bearerCheck(credential)];
  return credential.type === 'headers' ? [headersCheck(credential)] : [];
}

/** Accepted if any matched; else unavailable if any could not be told; else the finding that got furthest. */
function verdictOf(found: readonly Found[], headers: Headers): Verdict {
  const matched = found.find(({ finding }) => finding === 'matched')?.check;
  if (matched) {
    const messageId = matched.messageId?.(headers);
    return { kind: 'accepted', credential: matched.label, ...(messageId === undefined ? {} : { messageId }) };
  }
  let furthest: Exclude<Finding, 'matched'> = 'missing';
  for (const { finding } of found) {
    if (typeof finding === 'object') return { kind: 'unavailable', cause: finding.cause };
    if (finding !== 'matched' && findings.indexOf(finding) > findings.indexOf(furthest)) furthest = finding;
  }
  return { kind: 'refused', reason: furthest };
}

/**
 * Verifies deliveries against every credential; with none, nothing is accepted. The cheap kinds come first: where one of
 * those matches, no body is hashed and no key fetched. Within a kind all are tried, whichever matches.
 */
export function createVerifier(credentials: readonly Credential[], options: VerifierOptions): Verifier {
  const direct = credentials.flatMap(directCheck);
  const signed = credentials
    .filter((credential) => credential.type === 'hmac')
    .map((credential) => hmacCheck(credential, options.replayWindowMs));
  const tokens = credentials
    .filter((credential) => credential.type === 'oauth2')
    .map((credential) => new OAuthCheck(credential, options.fetch));
  const isInRange = rangeTest(options.ranges);

  const run = (checks: readonly Check[], presented: Presented, now: Date): Found[] =>
    checks.map((check) => ({ check, finding: check.check(presented, now) }));
  const hasMatch = (found: readonly Found[]) => found.some(({ finding }) => finding === 'matched');

  const verify = (presented: Presented, now: Date): Verdict | Promise<Verdict> => {
    if (!isInRange(presented.address)) return { kind: 'refused', reason: 'address' };
    const found = run(direct, presented, now);
    if (!hasMatch(found)) found.push(...run(signed, presented, now));
    if (tokens.length === 0 || hasMatch(found)) return verdictOf(found, presented.headers);
    const waiting: Promise<Found>[] = [];
    for (const check of tokens) {
      const finding = check.check(presented, now);
      if (finding instanceof Promise) waiting.push(finding.then((told) => ({ check, finding: told })));
      else found.push({ check, finding });
    }
    if (waiting.length === 0) return verdictOf(found, presented.headers);
    return Promise.all(waiting).then((told) => verdictOf([...found, ...told], presented.headers));
  };

  return {
    verify,
    describe: () =>
      [...direct, ...signed, ...tokens].map(({ label, description }) => `${label}: ${description}`),
    needsBody: (address) => signed.length > 0 && isInRange(address),
  };
}
