import { isEmpty, isGeneral } from './generalWords.ts';
import { stem, words } from './words.ts';

/** A word of a statement that can be looked for in code. */
export interface Term {
  stem: string;
  /** As it stands in the statement, lower case. */
  word: string;
  /** What it weighs before its rarity in the code is known, 0 to 1: 1 tells what the statement is about. */
  prior: number;
  /** Stems of the word written as one with those beside it: `timezone` for the zone of "time zone". */
  joined: readonly string[];
}

const mostTerms = 60;
/** What a general word weighs beside one that tells what a statement is about. */
const generalPrior = 0.15;
/** Words of two letters that are technical terms. */
const short = new Set('id ip db ui os io qr ai vm ci cd tz ws s3 js ts go'.split(' '));
const again = /\b(?:tr(?:y|ies|ied|ying)|attempt(?:s|ed)?|repeated) again\b/gi;
/** What follows these is what the code does not do. */
const contrast = /\b(?:rather than|instead of|as opposed to|unlike|in place of)\b[^,.;:]*/gi;
const link = /\[([^[\]]*)\]\([^()[\]]*\)/g;

function joinedWith(word: string, before = '', after = ''): string[] {
  return [before && `${before}${word}`, after && `${word}${after}`].filter(Boolean).map(stem);
}

const isTooShort = (word: string) => word.length < 3 && !/^\d\d$/.test(word) && !short.has(word);

/** The telling words of a text, in its order, each once by stem. What stands in code marks counts with the rest. */
export function termsOf(text: string): Term[] {
  const terms = new Map<string, Term>();
  const all = words(text.replace(link, '$1').replace(again, 'retry').replace(contrast, ' '));
  for (const [i, word] of all.entries()) {
    if (isTooShort(word) || isEmpty(word)) continue;
    const key = stem(word);
    const prior = isGeneral(word) ? generalPrior : 1;
    const before = terms.get(key);
    if (!before) terms.set(key, { stem: key, word, prior, joined: joinedWith(word, all[i - 1], all[i + 1]) });
    else if (before.prior < prior) before.prior = prior;
    if (terms.size >= mostTerms) break;
  }
  return [...terms.values()];
}
