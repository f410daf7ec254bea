import { stemmer } from 'stemmer';

/** Words of a text or identifier: split at case changes, digits and punctuation, lower case. */
export function words(text: string): string[] {
  return (text.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? []).map((word) => word.toLowerCase());
}

/**
 * Words that mean the same in code and in designs: abbreviations every programmer uses, and the few verbs that name the
 * same operation. The first of a group stands for all of it.
 */
const groups = [
  'delete remove erase discard',
  'create add insert',
  'update edit modify',
  'get fetch retrieve',
  'error exception err',
  'retry retries reattempt',
  'configuration config cfg conf configure option opt opts setting',
  'authentication authenticate auth',
  'authorization authorize',
  'environment env',
  'repository repo',
  'database db',
  'identifier id',
  'identifiers ids',
  'message msg',
  'request req',
  'response resp res',
  'initialize init',
  'directory dir folder',
  'parameter param',
  'argument arg',
  'maximum max',
  'minimum min',
  'password passwd pwd',
  'address addr',
  'number num',
  'quantity qty',
  'amount amt',
  'destination dest dst',
  'source src',
  'context ctx',
  'temporary tmp temp',
  'length len',
  'document doc',
  'synchronous sync',
  'asynchronous async',
  'administrator admin',
  'specification spec',
  'description desc',
  'reference ref',
  'attribute attr',
  'character char',
  'previous prev',
  'certificate cert',
  'statistics stats',
  'organization org',
  'application app',
  'average avg',
  'operation op',
  'connection conn',
  'command cmd',
  'expiry expiration ttl expires',
  'telephone phone',
  'e-mail email mail',
  'hash digest checksum',
  'second sec secs',
  'millisecond ms millis',
  'minute mins',
  'byte bytes',
  'buffer buf',
  'timestamp time',
  'reject refuse deny decline disallow',
  'cancel abort',
  'mask redact obfuscate anonymize',
  'encrypt cipher encipher',
  'image picture photo',
  'text string str',
  'list array',
  'compare equal equals',
  'regex regexp',
  'attempt try',
  'purge prune',
  'payment pay paid',
  'verify validate check',
];

const zed = /^([a-z]{3,})is(e|ed|es|er|ing|ation|ations)$/;
const alwaysS = new Set(
  'otherwise exercise promise precise advise revise surprise expertise enterprise supervise comprise compromise likewise noise raise arise premise franchise disguise merchandise'.split(
    ' ',
  ),
);

/** British spellings as American ones, which code uses more. */
function spelling(word: string): string {
  const match = word.length >= 7 ? zed.exec(word) : null;
  if (match && !alwaysS.has(word.replace(/(?:d|s|r)$/, ''))) return `${match[1]}iz${match[2]}`;
  return word.replace(/(?<=[a-z]{3})our(?=s?$|ed$|ing$)/, (ending) => (word.length > 5 ? 'or' : ending));
}

/** Endings that Porter's rules leave apart from the verb's: extension and extend, notification and notify. */
const nouns: readonly [ending: RegExp, verb: string][] = [
  [/(?<=[a-z])ens$/, 'end'],
  [/(?<=[a-z])ans$/, 'and'],
  [/(?<=^(?:sub|de|in|pre|tran))script$/, 'scrib'],
  [/(?<=[a-z])duct$/, 'duc'],
  [/(?<=[a-z]m)iss$/, 'it'],
  [/(?<=[a-z])ifi$/, 'if'],
  [/(?<=[a-z]{2})veri$/, 'ver'],
];

function nounless(stemmed: string): string {
  for (const [ending, verb] of nouns) if (ending.test(stemmed)) return stemmed.replace(ending, verb);
  return stemmed;
}

const alike = new Map<string, string>();
for (const group of groups) {
  const [first = '', ...others] = group.split(' ').map((word) => nounless(stemmer(spelling(word))));
  for (const other of others) alike.set(other, first);
}

const known = new Map<string, string>();
const mostRemembered = 50_000;
/** Longer runs of letters are data, and rules of stemming take their time on them. */
const longestWord = 60;

/** What stands for a word, its other forms (Porter) and what means the same. Remembered: source code repeats itself. */
export function stem(word: string): string {
  if (word.length > longestWord) return word.slice(0, longestWord);
  let result = known.get(word);
  if (result === undefined) {
    const stemmed = nounless(stemmer(spelling(word)));
    result = alike.get(stemmed) ?? stemmed;
    if (known.size >= mostRemembered) known.clear();
    known.set(word, result);
  }
  return result;
}

/** Stems of the words of an identifier or text, each once. */
export const stemsOf = (text: string): string[] => [...new Set(words(text).map(stem))];
