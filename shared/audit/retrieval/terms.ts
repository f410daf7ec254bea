import { stemmer } from 'stemmer';

const stopwords = new Set(
  (
    'a about above after again all also always an and another any are as at be because been before being below between both but by can cannot ' +
    'could did do does done each either else every few first for from further given gives had has have having here how however if in into is it ' +
    'its itself just last least less like made make makes many may means more most much must need needs never no nor not now of off on once one ' +
    'only or other our out over own per rather same second shall should since so some such than that the their them then there these they thing ' +
    'this those through to too two under until up upon us use used uses using very was way we well were what when where whether which while who ' +
    'whose why will with within without would yet you your via etc eg ie new able across allow allows provide provides provided support supports ' +
    'system service module component application implement implemented implementation require required requires ensure ensures keep keeps kept ' +
    'take takes taken come comes behind beside stand stands even nothing anything something everything whatever'
  ).split(' '),
);

/** Words of a text or identifier: split at case changes, digits and punctuation, lower case. */
export function words(text: string): string[] {
  return (text.match(/[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+/g) ?? []).map((word) => word.toLowerCase());
}

const stems = new Map<string, string>();
const mostRemembered = 50_000;
/** Longer runs of letters are data, and rules of stemming take their time on them. */
const longestWord = 60;

/** A word's stem (Porter), remembered: source code repeats itself. */
export function stem(word: string): string {
  if (word.length > longestWord) return word.slice(0, longestWord);
  let known = stems.get(word);
  if (known === undefined) {
    known = stemmer(word);
    if (stems.size >= mostRemembered) stems.clear();
    stems.set(word, known);
  }
  return known;
}

const isTelling = (word: string) => (word.length >= 3 || /^\d\d+$/.test(word)) && !stopwords.has(word);

/** What of a statement can be looked for in code. */
export interface Terms {
  /** Names to be found as they are: those in code marks, and words that can only be names (`SIGTERM`, `maxRetries`). */
  literals: string[];
  /** Stems of the other telling words. */
  stems: string[];
}

/** One statement that names more is judged by the first of them. */
const mostLiterals = 20;
const mostStems = 100;

const route = /^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\s+(\/\S*)$/i;
const name = /\b(?:[A-Z]{4,}|[A-Z][A-Z0-9]*_[A-Z0-9_]+|[a-z]+(?:[A-Z][a-z0-9]+)+|[a-z]+(?:_[a-z0-9]+)+)\b/g;

/** What a code mark stands for in code: of a route its fixed beginning, for parameters are written in many ways. */
function literalOf(marked: string): string {
  const path = route.exec(marked.trim())?.[1];
  return (path ?? marked).trim().replace(/(?<=.)\/?(?:\{|:[a-z]|<|\?).*$/i, path ? '' : '$&');
}

export function termsOf(text: string): Terms {
  const marked = [...text.matchAll(/`([^`]+)`/g)].map((match) => literalOf(match[1] ?? ''));
  const prose = text.replace(/`[^`]+`/g, ' ').replace(/\[([^[\]]*)\]\([^()[\]]*\)/g, '$1');
  const named = prose.match(name) ?? [];
  return {
    literals: [...new Set([...marked, ...named].filter((literal) => literal.length >= 2))].slice(
      0,
      mostLiterals,
    ),
    stems: [...new Set(words(prose.replace(name, ' ')).filter(isTelling).map(stem))].slice(0, mostStems),
  };
}
