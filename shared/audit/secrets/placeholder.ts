/** Values that stand where a secret would, in documents, samples and tests. */
const placeholderWords =
  /^(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|key|api[-_]?key|user(?:name)?|guest|root|admin|postgres|mysql|redis|default|test(?:ing|er)?|dummy|fake|sample|example|placeholder|redacted|hidden|masked|none|null|nil|undefined|true|false|empty|string|changeme|change[-_]?it|todo|tbd|foo|bar|baz|foobar|qwerty|letmein|hunter2|secret\d{0,4}|pass(?:word)?\d{0,4}|test\d{0,4})$/i;
/** A word for a password is none. */
const namesItself = /^[a-z_-]{0,30}(?:password|passwd|secret)[a-z_-]{0,30}$/i;
/** What only placeholders contain. */
const placeholderPart =
  /your[-_ ]?|my[-_](?:secret|password|token|key|api)|change[-_]?me|replace[-_ ]?(?:me|this|with)|insert[-_ ]|example|placeholder|redacted|not[-_]?(?:a[-_]?)?(?:real|secret)|dummy|fake[-_]|devstoreaccount|x{4,}|\*{3,}|\.{3}|…|0{8}|1234567|abcdef(?!\d)|deadbeef/i;
/** Values that are looked up elsewhere: `${X}`, `$X`, `{{x}}`, `<x>`, `%X%`, `@Microsoft.KeyVault(…)`, `process.env.X`. */
const reference =
  /^(?:\$[A-Za-z_({]|\{|<[^>]{0,200}>?$|@Microsoft\.|#\{|!(?:Ref|Sub|GetAtt|Join|ImportValue|secret|vault|env)\b|\[REDACTED|process\.env|import\.meta|(?:os|System|self|this|env|config|settings|options|args|params|secrets|vars?|data|local|each)[.[(]|https?:\/\/|file:)|\$\{|\{\{|%[A-Z_]{2,40}%|\[REDACTED:/i;
const filePath = /^(?:\.{0,2}|~)\/[a-z][a-z0-9_.-]*(?:\/[a-z0-9_.-]+)*\/?$/;
/** What only regular expressions contain. */
const expression = /\(\?[:=!<]|\[\^|\\[bdsw]|\]\{\d/;

/** True where a value says by itself that it is no secret. */
export function isPlaceholder(value: string): boolean {
  const bare = value.trim();
  if (bare.length < 3) return true;
  if (/^(.)\1*$/s.test(bare)) return true;
  return (
    namesItself.test(bare) ||
    placeholderWords.test(bare) ||
    placeholderPart.test(bare) ||
    reference.test(bare) ||
    filePath.test(bare) ||
    expression.test(bare)
  );
}

/** Shannon entropy in bits for each character: words have about 3, random base64 more than 4. */
export function entropy(value: string): number {
  const counts = new Map<string, number>();
  for (const char of value) counts.set(char, (counts.get(char) ?? 0) + 1);
  let bits = 0;
  for (const count of counts.values()) bits -= (count / value.length) * Math.log2(count / value.length);
  return bits;
}
