import { entropy, isPlaceholder } from './placeholder.ts';
import type { SecretRule } from './rule.ts';

/** Words in the names of things that hold secrets. */
const password = 'pass(?:word|wd|phrase|code)|pwd';
const token =
  'secret|token|api[_-]?key|access[_-]?key|account[_-]?key|auth[_-]?key|private[_-]?key|signing[_-]?key|encryption[_-]?key|credential';
/** The rest of a name after the word. */
const rest = '(?<rest>[A-Za-z0-9_.-]{0,24})';
const separator = String.raw`\\?["'\x60\])]{0,3}(?:[ \t]{0,2}:[ \t]?[Ss]tring)?[ \t]{0,8}(?:={1,3}|=>|:=|:|!==?|,|(?<![ \t])\(|\|\||\?\?|["']?[ \t]value=)[ \t]{0,8}\\?`;

/** Endings of names of things that are about a secret and are none: its name, its address, its length. */
const aboutSecret =
  /(?:name|url|uri|path|file|header|field|label|type|length|regex|pattern|prefix|suffix|format|version|endpoint|policy|hash|hint|title|text|message|error|placeholder|selector|count|limit|expiry|expires?|ttl|provider|store|manager|service|param|column|scope|claim|issuer|audience|algorithm|rule|kind|encoding|usage|budget|model|mode|size|window|cost|id|ids)s?$/i;

const hasDigit = (text: string) => /\d/.test(text);
const hasLetter = (text: string) => /[A-Za-z]/.test(text);
const hasMark = (text: string) => /[!@#$%^&*+=?~|]/.test(text);
/** Calls, member accesses and constants look like values where nothing is quoted. */
const isCode = (text: string) =>
  /[()[\]{};]|^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+$|^[A-Z][A-Z0-9_]*$|=>/.test(text);

/** Passwords are chosen by people: a digit or a mark among letters, and not one character over and over. */
function isPassword(value: string): boolean {
  return (
    value.length >= 8 && hasLetter(value) && (hasDigit(value) || hasMark(value)) && entropy(value) >= 2.5
  );
}

/** Tokens are made by machines: long, with digits, and as even as chance. */
function isToken(value: string): boolean {
  if (!/^[A-Za-z0-9+/_=.~%|-]+$/.test(value)) return false;
  const isHex = /^[0-9a-f]+$/i.test(value);
  return value.length >= 16 && hasLetter(value) && hasDigit(value) && entropy(value) >= (isHex ? 2.8 : 3.4);
}

/** Words joined by dashes, dots or underscores are identifiers: `db-password-v2`, `auth.token.header`. */
const isIdentifier = (value: string) =>
  /^[a-z]{2,}\d{0,2}(?:[-_./:][a-z]{2,}\d{0,3}|[-_./:]v?\d{1,4})+$/i.test(value);

function accepts(test: (value: string) => boolean, isQuoted: boolean) {
  return ({ rest: ending = '', secret = '' }: Readonly<Record<string, string>>) =>
    !aboutSecret.test(ending) &&
    !isPlaceholder(secret) &&
    !isIdentifier(secret) &&
    (isQuoted || !isCode(secret)) &&
    test(secret);
}

const quoted = String.raw`(?<quote>["'\x60])(?<secret>(?:(?!\k<quote>|\\\k<quote>)[^\s\\]|\\[^\sn"']){8,300})\\?\k<quote>`;

/** The value of a name that says it is a secret, quoted: in code, JSON, YAML and attributes. */
export const quotedRules: readonly SecretRule[] = [
  {
    id: 'password',
    what: 'a password',
    triggers: ['pass', 'Pass', 'PASS', 'pwd', 'Pwd', 'PWD'],
    pattern: new RegExp(`(?:${password})${rest}${separator}${quoted}`, 'dgi'),
    accepts: accepts(isPassword, true),
  },
  {
    id: 'secret',
    what: 'a key or token',
    triggers: ['ecret', 'ECRET', 'oken', 'OKEN', 'key', 'Key', 'KEY', 'redential', 'REDENTIAL'],
    pattern: new RegExp(`(?:${token})${rest}${separator}${quoted}`, 'dgi'),
    accepts: accepts(isToken, true),
  },
  {
    id: 'password',
    what: 'a password',
    triggers: ['assword', 'ASSWORD', 'DENTIFIED', 'dentified'],
    pattern: /\b(?:password|identified by)[ \t]{1,4}'(?<secret>[^\s']{8,200})'/dgi,
    accepts: accepts(isPassword, true),
  },
  {
    id: 'password',
    what: 'a password',
    triggers: ['assword>', 'ASSWORD>', 'wd>'],
    pattern: /<[\w.:-]{0,40}?(?:password|passwd|pwd)>(?<secret>[^<>\s]{8,200})</dgi,
    accepts: accepts(isPassword, true),
  },
  {
    id: 'secret',
    what: 'a key or token in an address',
    triggers: ['key=', 'KEY=', 'Key=', 'token=', 'TOKEN=', 'secret='],
    pattern:
      /[?&](?:api[_-]?key|key|access[_-]?token|token|(?:client[_-]?)?secret)=(?<secret>[A-Za-z0-9_~.%+-]{16,400})/dgi,
    accepts: accepts(isToken, true),
  },
];

const bare = String.raw`(?<secret>[^\s"'\x60#,;<>]{8,300})[ \t]{0,8}(?:#[^\n]{0,300})?$`;
const lineStart = String.raw`^[ \t]{0,40}(?:-[ \t]{1,4}|export[ \t]{1,4}|set[ \t]{1,4}|ENV[ \t]{1,4}|ARG[ \t]{1,4})?[A-Za-z0-9_.-]{0,60}?`;

/** The same unquoted, one on a line: in files of settings, scripts and documents, where nothing else looks like it. */
export const bareRules: readonly SecretRule[] = [
  {
    id: 'password',
    what: 'a password',
    triggers: ['pass', 'Pass', 'PASS', 'pwd', 'Pwd', 'PWD'],
    pattern: new RegExp(`${lineStart}(?:${password})${rest}[ \\t]{0,8}[:=][ \\t]{0,8}${bare}`, 'dgim'),
    accepts: accepts(isPassword, false),
  },
  {
    id: 'secret',
    what: 'a key or token',
    triggers: ['ecret', 'ECRET', 'oken', 'OKEN', 'key', 'Key', 'KEY', 'redential', 'REDENTIAL'],
    pattern: new RegExp(`${lineStart}(?:${token})${rest}[ \\t]{0,8}[:=][ \\t]{0,8}${bare}`, 'dgim'),
    accepts: accepts(isToken, false),
  },
];

const settingsFile =
  /(?:^|\/)(?:\.env(?:\.[\w.-]+)?|Dockerfile[\w.-]*|[^/]+\.(?:env|properties|ya?ml|ini|toml|conf|cfg|config|sh|bash|zsh|md|mdx|rst|txt|adoc))$|^(?:design(?:-\d+)?|question)$/i;

export const hasBareValues = (path: string) => settingsFile.test(path);
