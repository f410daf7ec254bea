import { stem, words } from './words.ts';

/** Words that tell nothing about code. */
const empty = new Set(
  (
    'a about above after afterwards again against all along already also although always among an and another any are around as at away ' +
    'be became because become becomes been before beforehand being below beside besides best better between beyond both but by came can cannot ' +
    'come comes could did do does doing done down due during each either else enough especially even ever every everybody everyone everything few ' +
    'first for from further gave get gets give given gives go goes going gone good had has have having he hence her here hers him his how however i if in into ' +
    'is it its itself just kind know known last later least less let lets like likely look looks lot made mainly make makes making many may maybe me means ' +
    'meant mere merely might mine more moreover most mostly much must my namely near nearly need needed needs neither never next no nobody none nor normally not ' +
    'nothing now nowhere of off often old on once one only onto or other others otherwise our ours out over own particular per perhaps possible probably put quite ' +
    'rather really regardless respectively said same say says see seem seems seen several shall she should simply since so some somebody someone something ' +
    'sometimes somewhere soon still such take taken takes taking tell than that the their theirs them themselves then there thereby therefore these they thing things this ' +
    'those though through throughout thus till to together too took toward towards twice two unless until up upon us use used useful user-facing uses using usual usually various very ' +
    'via want wanted wants was way ways we well went were what whatever when whenever where whereas wherever whether which while who whole whom whose why will with ' +
    'within without would yes yet you your yours etc eg ie'
  ).split(' '),
);

/** Words of every design: they tell something where code has them, little where it has not. */
const weak = new Set(
  (
    'able accept accepted accepts access accessible accordingly act action actual additional additionally affect allow allowed allowing allows answer answered answers ' +
    'apart appear application applied applies apply appropriate approach architecture arrive arrives aspect assume attempt automatic automatically available avoid ' +
    'aware back base based basic basis begin begins behave behaviour behind belong belongs big bring brings build built business call called calling calls care ' +
    'carried carries carry case cases cause causes certain change changed changes choose chosen clean clear clearly code common complete completely component components ' +
    'concern concerned condition consist consists contain contained containing contains contrast convenient correct correctly course current currently deal decide ' +
    'decided decides define defined defines depend depending depends describe described describes design designed desired detail details determine determined ' +
    'different direct directly distinct easily easy effect effectively element end ends ensure ensured ensures entire entirely equal equally exact exactly example except ' +
    'exist existing exists expect expected expects expose exposed exposes extra fact far feature features final finally find finds fit follow followed following follows ' +
    'form forms found free fresh full fully function functionality future general generally great grow guarantee guaranteed half hand handle handled handles handling ' +
    'happen happens hard held help helps high hold holds human idea immediate immediately implement implementation implemented implements important include included includes ' +
    'including independent indicate information inside instead intend intended interest internal introduce involve issue item itself keep keeps kept large lead leave ' +
    'leaves left less level life likewise little live lives long longer low main maintain maintained manage managed manner matter mean meet mention module more move name named ' +
    'names natural necessary need new nice normal note notice number object obtain occur occurs offer offered offers open operate order ordinary original outside overall ' +
    'part particular parts party pass passed passes people perform performed performs permit piece place placed places plain plan plus point points possible ' +
    'practice present prevent prevents previous prior problem proceed process processed processes processing produce produced produces program proper properly provide ' +
    'provided provides providing purpose quick quickly reach reached reaches ready real reason receive received receives refer regular related relevant remain ' +
    'remains report represent represented represents require required requirement requires respect rest result resulting results return returned returning returns right ' +
    'role rule run running runs safe satisfy second section seen select send sends sense sent separate separately serve served serves service services set sets setup shape share show shown ' +
    'shows side similar simple simply single situation small software solution sort specific specified specify stand standard stands start started starts state stated states stay ' +
    'step steps stop stops store stored stores straight strict strictly subject succeed successful successfully suitable supply support supported supports suppose sure ' +
    'system task tells thereof third thing three time times together total touch treat treated true try turn type types typical typically under understand unit ' +
    'unnecessary usual usually valid valuable value values version view visible wait way whatever wish word words work worked working works world write writes written wrong zero'
  ).split(' '),
);

/** A word of a statement that can be looked for in code. */
export interface Term {
  stem: string;
  /** As it stands in the statement, lower case. */
  word: string;
  /** What its absence weighs before its rarity in the code is known, 0 to 1. */
  prior: number;
}

const mostTerms = 60;
const markedPattern = /`[^`]*`/g;
const link = /\[([^[\]]*)\]\([^()[\]]*\)/g;

function priorOf(word: string): number {
  if (weak.has(word)) return 0.35;
  return /^\d+$/.test(word) || /ly$/.test(word) ? 0.35 : 1;
}

/** The telling words of a text, in its order, each once by stem. What stands in code marks counts with the rest. */
export function termsOf(text: string): Term[] {
  const terms = new Map<string, Term>();
  for (const word of words(text.replace(link, '$1'))) {
    if (empty.has(word) || (word.length < 3 && !/^\d\d$/.test(word) && !short.has(word))) continue;
    const key = stem(word);
    const prior = priorOf(word);
    const before = terms.get(key);
    if (!before) terms.set(key, { stem: key, word, prior });
    else if (before.prior < prior) before.prior = prior;
    if (terms.size >= mostTerms) break;
  }
  return [...terms.values()];
}

/** Words of two letters that are technical terms. */
const short = new Set('id ip db ui os io qr ai vm ci cd tz ws s3 js ts go'.split(' '));

/** The prose of a statement: what stands outside code marks. */
export const proseOf = (text: string): string => text.replace(markedPattern, ' ').replace(link, '$1');
