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
    'last lasts lasted lasting within without would yes yet you your yours etc eg ie' +
    ' zero three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty' +
    ' fifty sixty seventy eighty ninety hundred thousand million third fourth fifth thrice dozen'
  ).split(' '),
);

/** Words of every design: they tell something where code has them, little where it has not. */
const weak = new Set(
  (
    'client clients try tries tried trying review quarter second seconds minute minutes hour hours day days week weeks month months year years milliseconds percent kilobytes megabytes bytes letters digits characters ' +
    'able accept accepted accepts access accessible accordingly act action actual additional additionally affect allow allowed allowing allows answer answered answers ' +
    'apart appear application applied applies apply appropriate approach architecture arrive arrives aspect assume automatic automatically available avoid ' +
    'aware back base based basic basis begin begins behave behaviour behind belong belongs big bring brings build built business call called calling calls care ' +
    'carried carries carry case cases cause causes certain change changed changes choose chosen clean clear clearly code common complete completely component components ' +
    'concern concerned condition consist consists contain contained containing contains contrast convenient correct correctly course current currently deal decide ' +
    'decided decides define defined defines depend depending depends describe described describes design designed desired detail details determine determined ' +
    'different direct directly distinct easily easy effect effectively element end ends ensure ensured ensures entire entirely equal equally exact exactly example except ' +
    'exist existing exists expect expected expects expose exposed exposes extra fact far feature features final finally find finds fit follow followed following follows ' +
    'form forms found free fresh full fully function functionality future general generally great grow guarantee guaranteed half hand handle handled handles handling ' +
    'happen happens hard held help helps high hold holds human idea immediate immediately implement implementation implemented implements important include includes ' +
    'including independent indicate information inside instead intend intended interest internal introduce involve issue item itself keep keeps kept large lead leave ' +
    'leaves left less level life likewise little live lives long longer low main maintain maintained manage managed manner matter mean meet mention module more move name named ' +
    'names natural necessary need new nice normal note notice number object obtain occur occurs offer offered offers open operate ordinary original outside overall ' +
    'part particular parts party pass passed passes people perform performed performs permit piece place placed places plain plan plus point points possible ' +
    'practice present prevent prevents previous prior problem proceed process processed processes processing produce produced produces program proper properly provide ' +
    'provided provides providing purpose quick quickly reach reached reaches ready real reason receive received receives refer related relevant remain ' +
    'remains represent represented represents require required requirement requires respect rest result resulting results return returned returning returns right ' +
    'role rule run running runs safe satisfy second section seen select send sends sense sent separate separately serve served serves service services set sets setup shape share show shown ' +
    'shows side similar simple simply single situation small software solution sort specific specified specify stand standard stands start started starts state stated states stay ' +
    'step steps stop stops store stored stores straight strict strictly subject succeed successful successfully suitable support supported supports suppose sure ' +
    'system tells thereof third thing three time times together total touch treat treated true try turn type types typical typically under understand unit ' +
    'unnecessary usual usually valid valuable value values version view visible way whatever wish word words work worked working works world write writes written wrong zero' +
    ' abandon abandoned ability abroad absence absent absolutely accompany accomplish achieve achieved acquainted actively adapt addition adequate adhere adjacent adjust admit admitted advance advantage advice afford afraid' +
    ' agree agreed ahead aim aimed alike alive allowance alone altered anticipate anyhow apparent appeal appeared appears appreciate arise arises arose arrange arranged arrangement arrive arrived ask asked asking asks assigned assist' +
    ' associated assumed assuming attached attend attention await awaiting bad badly bear bearing bears behalf believe bigger bit blame bother bound bounded brief bring broad brought built bypass came capable careful carefully carrying caught cease ceases' +
    ' central chance characteristic cheap check checked checks choice choose chooses circumstances clearly cleanly combine combines come comfortable coming commonly communicate compare compared compares compute computed computes calculate calculated calculates comparison compete complex comply concept concerning concerns' +
    ' conclude conduct conform confuse connected consequence consequently consider considerable considered constantly construct consult continue continued continues contribute controlled convey convince cope correspond corresponding cost costly crucial' +
    ' cut cuts daily damage dangerous deal declare declared deeply deliberately demand demands denote dependent derive derived deserve desirable destined develop difference differ differs difficult difficulty disappear discover discuss distant distinguish distribute divide' +
    ' draw drawn drop dropped drops duty earlier early easier effort elsewhere emerge emphasis employ employed enable enabled enables encounter encountered encourage enjoy enter entered enters entitled equip especially essential essentially establish established eventually evidence evident' +
    ' examine exceed exceeded exceeds excellent excluded exclusively exercise expense experience explain explicit explicitly express extent external fail failed failing fails faithful fall fallen falls false familiar far fashion fast faster' +
    ' favour fetch figure fill filled finish finished finishes fixed flexible focus force forced foreign forget forgot formal former fortunate frequent frequently fulfil fundamental furnish gain gather gathered generated genuine glance global goal grace gradually  ' +
    ' guard guess guide hands handed handing hardly harm heavy hidden hide highly hint honour hope hopefully hour huge identical identify identified ignore ignored ignores illustrate immediate impact implies imply impose impossible improve inactive incoming incorrect increase indeed' +
    ' indicated indicates individual inform informed inherent initial initially insist inspect inspected intention interact interested interests interpret invoke invoked invokes involved irrelevant isolated issued joined joins judge jump kept known lack lacks lay lays leads leaving led legal legitimate lends' +
    ' length lets lie lies lift light linger link linked literally locate located longest loose lose loses loss lost loud lower lowest mandatory manually mark marked marks massive maximum measure measured merely mind minor miss missed missing mix modern modest moment' +
    ' mostly mount mutual naming nature necessarily neglect neighbour newcomers noticeably observed obvious occasion odd okay older ongoing opposite optional optionally origin originate outcome outgoing outlined overlap overtake owing owned owns paid pair partial partially partly' +
    ' pay perfect perhaps periodically permanent permanently permitted persist personal picked plainly play pleasant please points policy poor portion pose positive possibility possibly potential potentially power powerful precise precisely predefined predicate prefer preference preferred prepare prepared presence' +
    ' presented presents preserve preserved press pretend prevail prime principle privileged proceeds promise promptly pronounced proof propagate prospective protect prove proven prudent pull pure purposes puts puzzle question quit raise raised raises   ' +
    ' rare rarely rate reaction readable readily realise realistic reasonable recent recently recognise recognised reduce reduced refused regard regarding reject rejected relate relation relatively rely relies remaining remarkable remember reply' +
    ' requested requesting resemble reside resides resist responsibility responsible responded responds resulted reveal reverse rigid rise robust roughly round sake sanity satisfied satisfies scenario scheme seek seeks seemingly' +
    ' seldom selected selection sensible sensitive separated serious seriously settle settled severe severely shared shares sharp shift shorter shortest shortly significant similarly slight slightly slow slowly smaller smallest smart smooth soft solely solve somehow' +
    ' sort sought sound spare speak special spend spent spoken spot spread square stable standalone standing stated stays steady stick stopped straightforward strange strong strongly struggle style substantial suddenly suffer suffice sufficient sufficiently suggest suggested suit suited sum superior' +
    ' surely surface surprise surround swift switch switched switches tall tend tends thank thick thorough thoroughly thus tied tight tightly today told tomorrow tone tool top toward transparent treats tries  ' +
    ' trivial trouble truly trust trusted truth turned turns ultimate ultimately unable unaffected unchanged undergo underlying understood undesired unexpected unexpectedly unfortunately uniform universal unknown unlike unlikely unwanted upcoming upper usable useless validity variant varied variety vary varying' +
    ' vast vital wanting warn watch weak wear weigh welcome whenever wide widely willing wins wise wished wishes withstand witness wonder worth worthy yesterday yield yields young caller callers operator operators people person persons somebody human humans' +
    ' today nowadays working hold holding held bring happen arrive emerge takes spends mentioned described observed denied anyhow predictable deterministic '
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
const again = /\b(?:tr(?:y|ies|ied|ying)|attempt(?:s|ed)?|repeated) again\b/gi;
/** What follows these is what the code does not do. */
const contrast = /\b(?:rather than|instead of|as opposed to|unlike|in place of)\b[^,.;:]*/gi;
const link = /\[([^[\]]*)\]\([^()[\]]*\)/g;

/** A word and what it is an inflection of, by its ending: `giving` and `give`. */
function formsOf(word: string): string[] {
  const bare = word.replace(/(?:ies|ied)$/, 'y').replace(/(?:ing|ed|es|s|d)$/, '');
  return [word, bare, `${bare}e`, bare.replace(/(.)\1$/, '$1'), word.replace(/s$/, '')];
}

const isIn = (list: ReadonlySet<string>, word: string) => formsOf(word).some((form) => list.has(form));

function priorOf(word: string): number {
  if (isIn(weak, word)) return 0.15;
  return /^\d+$/.test(word) || /ly$/.test(word) ? 0.15 : 1;
}

/** The telling words of a text, in its order, each once by stem. What stands in code marks with the rest. */
export function termsOf(text: string): Term[] {
  const terms = new Map<string, Term>();
  for (const word of words(text.replace(link, '$1').replace(again, 'retry').replace(contrast, ' '))) {
    if (
      empty.has(word) ||
      (word.length > 4 && isIn(empty, word)) ||
      (word.length < 3 && !/^\d\d$/.test(word) && !short.has(word))
    )
      continue;
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
