/** A kind of secret and how it is found. All patterns take linear time: what repeats is bounded. */
export interface SecretRule {
  id: string;
  /** What it is, for the finding: `a storage account key`. */
  what: string;
  /** Texts without one of which the pattern cannot match; the file is then not searched for it. */
  triggers: readonly string[];
  /** With the flags `dg` and a group `secret`, which is what is redacted. */
  pattern: RegExp;
  /** Whether a match is one, by its parts. */
  accepts?(parts: Readonly<Record<string, string>>): boolean;
}

/** A secret in a text, by character positions. */
export interface Hit {
  rule: string;
  what: string;
  start: number;
  end: number;
}

/** What a rule finds in a text. */
export function* matchRule({ id, what, pattern, accepts }: SecretRule, text: string): Generator<Hit> {
  for (const match of text.matchAll(pattern)) {
    const place = match.indices?.groups?.secret;
    if (!place || !(accepts?.(match.groups ?? {}) ?? true)) continue;
    yield { rule: id, what, start: place[0], end: place[1] };
  }
}
