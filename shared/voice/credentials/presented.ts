/** What one delivery brings that can prove where it comes from. */
export interface Presented {
  /** In capitals, as on the request line. */
  method: string;
  /**
   * The address as the sender wrote it: behind a proxy that is the public one. Asked only by a format with `{url}`. No
   * getter: V8 keeps the getters of object literals, and with them the request, until a full collection.
   */
  url: () => string;
  headers: Headers;
  /** The body as it came over the wire, undecoded. Only `hmac` reads it. */
  body: Uint8Array;
  /** The source address without a port; undefined where nothing says. */
  address: string | undefined;
}

/**
 * What became of one credential, worst first:
 * `missing` nothing of the kind came, `wrong` it does not match, `incomplete` the timestamp or message id that the
 * signature needs is missing or unreadable, `stale` rightly signed but outside the replay window.
 */
export const findings = ['missing', 'wrong', 'incomplete', 'stale', 'matched'] as const;
export type Finding = (typeof findings)[number];

/** What only somebody else can say, and did not say in time. */
export interface Unavailable {
  cause: unknown;
}

/** `address`: not from one of the source ranges, whatever else came with it. */
export type RefusalReason = Exclude<Finding, 'matched'> | 'address';

export type Verdict =
  | {
      kind: 'accepted';
      /** Kind of the credential with its name, where it has one: `hmac/main`. For logs; nothing secret. */
      credential: string;
      /** From the header the credential names. A signature protects it only if its format has `{svix-id}`. */
      messageId?: string;
    }
  | { kind: 'refused'; reason: RefusalReason }
  | { kind: 'unavailable'; cause: unknown };

/** One configured credential, made ready. */
export interface Check {
  /** The credential as verdicts name it. */
  label: string;
  /** What is checked, for operators: `sha256 over x-signature`. Nothing secret. */
  description: string;
  check(presented: Presented, now: Date): Finding;
  messageId?(headers: Headers): string | undefined;
}
