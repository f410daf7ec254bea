export type QuantityUnit = 'time' | 'size' | 'percent' | 'money' | 'status' | 'count';

/** A number that a statement sets, with its unit. */
export interface Quantity {
  value: number;
  unit: QuantityUnit;
  /** Of times in seconds, of sizes in bytes (1 kB = 1000), else the value. */
  base: number;
  /** As it stands in the statement. */
  text: string;
  /** True where the words around it set a bound or a unit; a mere count of things may be told in passing. */
  firm: boolean;
  /** The words before it make it a bound or a value that is set: "at most", "defaults to". */
  isBound: boolean;
}

const numberWords: Record<string, number> = Object.fromEntries(
  'zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty'
    .split(' ')
    .map((word, i) => [word, i]),
);
for (const [i, word] of 'thirty forty fifty sixty seventy eighty ninety hundred'.split(' ').entries())
  numberWords[word] = (i + 3) * 10;

const seconds: [RegExp, number][] = [
  [/^(?:ms|msecs?|milliseconds?|millis)$/i, 0.001],
  [/^(?:s|secs?|seconds?)$/i, 1],
  [/^(?:min|mins|minutes?)$/i, 60],
  [/^(?:h|hrs?|hours?)$/i, 3_600],
  [/^(?:d|days?)$/i, 86_400],
  [/^weeks?$/i, 604_800],
  [/^months?$/i, 2_592_000],
  [/^years?$/i, 31_536_000],
];
const bytes: [RegExp, number][] = [
  [/^(?:b|bytes?)$/i, 1],
  [/^(?:kb|kib|kilobytes?|k)$/i, 1_000],
  [/^(?:mb|mib|megabytes?)$/i, 1_000_000],
  [/^(?:gb|gib|gigabytes?)$/i, 1_000_000_000],
];

/** Seconds in a unit of time, by its usual names; undefined for other words. */
export const secondsIn = (word: string): number | undefined => seconds.find(([unit]) => unit.test(word))?.[1];
/** Bytes in a unit of size (decimal), by its usual names. */
export const bytesIn = (word: string): number | undefined => bytes.find(([unit]) => unit.test(word))?.[1];

const words = Object.keys(numberWords).join('|');
const pattern = new RegExp(
  `(?<![\\w./:#@&-])([$€£]\\s?)?(\\d{1,3}(?:[,_]\\d{3})+|\\d+(?:\\.\\d+)?|(?:${words})(?:-(?:${words}))?)(?![\\d:/]|\\.\\d)(?:[\\s-]?(%|[a-zA-Z]+))?`,
  'gi',
);
/** What a number after one of these is no quantity of. */
const reference =
  /\b(?:rfc|section|chapter|version|v|iso|sha|utf|http|https|tls|oauth|level|phase|step|table|figure|node|python|java|php|ruby|release|annex|appendix|requirement|item|page|row|type|base|ipv|es|ecma|article|day one|the|these|those|both|all|of|either)[\s-]*$/i;
const bound =
  /\b(?:at most|at least|up to|(?:no|not) (?:more|longer|fewer|less) than|maximum|max|minimum|min|limit(?:ed)?|limits?|exceeds?|exceeding|more than|fewer than|less than|longer than|shorter than|above|below|over|under|within|default(?:s|ing)?|threshold|exactly|between|port)\s*(?:to|of|is|are|by|a|an|the)?\s*[`*"']*$/i;
const given = /\b(?:after|every|first|last|per|to|for|than|of|is|are)\s*(?:a|an)?\s*[`*"']*$/i;
const countedBound =
  /^(?:times?|attempts?|retries|tries|characters?|chars?|letters?|digits?|items?|entries|elements?|rows?|records?|results?|requests?|connections?|threads?|workers?|bits?|rounds?|levels?|pages?|lines?|files?|failures?|users?|points?)$/i;

function numberOf(text: string): number | undefined {
  const plain = text.toLowerCase().replace(/[,_](?=\d{3})/g, '');
  if (/^\d/.test(plain)) return Number(plain);
  const [tens = '', ones] = plain.split('-');
  const first = numberWords[tens];
  return first === undefined ? undefined : first + (ones === undefined ? 0 : (numberWords[ones] ?? 0));
}

/** Periods told without a number: "once a second", "every hour", "for a year at most". */
function periodsOf(text: string): Quantity[] {
  const units = '(second|minute|hour|day|week|month|year)';
  const period = new RegExp(`\\b(?:once (?:a|an|per|each|every)|every|each|per) ${units}\\b`, 'gi');
  const span = new RegExp(
    `\\b(?:after|within|up to|older than|longer than|at most|for) (?:a|an|one) ${units}\\b`,
    'gi',
  );
  const of = (found: string, word: string, firm: boolean): Quantity => {
    const base = secondsIn(word) ?? 1;
    return { value: 1, unit: 'time', base, text: found, firm, isBound: false };
  };
  return [
    ...[...text.matchAll(period)].map(([found, word = '']) => of(found, word, /^once|^every/i.test(found))),
    ...[...text.matchAll(span)].map(([found, word = '']) =>
      of(found.replace(/^\w+ (?:to |than |most )?/, ''), word, true),
    ),
  ];
}

/** The numbers that a statement sets: times, sizes, shares, sums, statuses of HTTP and counts. */
export function quantitiesOf(text: string): Quantity[] {
  const found: Quantity[] = [];
  for (const { 0: whole, 1: money, 2: digits = '', 3: word = '', index } of text.matchAll(pattern)) {
    const value = numberOf(digits);
    const before = text.slice(Math.max(0, index - 32), index);
    if (value === undefined || (!/\d/.test(digits) && value < 2 && secondsIn(word) === undefined)) continue;
    const quantity = measured(value, word, money !== undefined, before, whole.trim());
    const isNumeral = /\d/.test(digits);
    if (
      quantity.unit === 'count' &&
      reference.test(before) &&
      !countedBound.test(word) &&
      quantity.value < 1_000
    )
      continue;
    const isBound = bound.test(before);
    found.push({
      ...quantity,
      isBound,
      firm: quantity.firm || (isNumeral && (isBound || given.test(before))),
    });
  }
  return [...found, ...periodsOf(text)];
}

function measured(value: number, word: string, isMoney: boolean, before: string, text: string): Quantity {
  const time = word.length > 1 || /\d$/.test(text.slice(0, -1)) ? secondsIn(word) : undefined;
  const size = word.length > 1 ? bytesIn(word) : undefined;
  const of = (unit: QuantityUnit, base: number, firm: boolean): Quantity => ({
    value,
    unit,
    base,
    text,
    firm,
    isBound: false,
  });
  if (isMoney || /^(?:dollars?|euros?|usd|eur|gbp|pounds?|cents?)$/i.test(word))
    return of('money', value, true);
  if (word === '%' || /^percent$/i.test(word)) return of('percent', value, true);
  if (time !== undefined) return of('time', value * time, true);
  if (size !== undefined) return of('size', value * size, true);
  const isStatus = Number.isInteger(value) && value >= 200 && value < 600;
  const saysStatus =
    /\b(?:status(?: code)?|HTTP|code|answers?|answered(?: with)?|returns?|returned|responds?(?: with)?|with(?: a| an)?|error|gives?|as)\s*[`*"(]*(?:a |an |\d{3}[`*]*(?:,? (?:or|and) ))?[`*"(]*$/i.test(
      before,
    );
  if (
    isStatus &&
    (saysStatus ||
      /^(?:error|response|status|not|bad|unauthori|forbidden|conflict|created|ok|no|too)/i.test(word))
  )
    return of('status', value, true);
  return of('count', value, countedBound.test(word) && (/\d/.test(text) || value > 2));
}
