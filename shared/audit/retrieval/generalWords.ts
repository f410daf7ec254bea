/** Words that tell nothing about code. */
const empty = wordsOf(`
  a about above after afterwards again against all along already also although always among an and another
  any are around as at away be became because become becomes been before beforehand being below beside
  besides best better between beyond both but by came can cannot come comes could did do does doing done
  down dozen due during each eg eight eighteen eighty either eleven else enough especially etc even ever
  every everybody everyone everything few fifteen fifth fifty first five for forty four fourteen fourth
  from further gave get gets give given gives go goes going gone good had has have having he hence her here
  hers him his how however hundred i ie if in into is it its itself just kind know known last lasted
  lasting lasts later least less let lets like likely look looks lot made mainly make makes making many may
  maybe me means meant mere merely might million mine more moreover most mostly much must my namely near
  nearly need needed needs neither never next nine nineteen ninety no nobody none nor normally not nothing
  now nowhere of off often old on once one only onto or other others otherwise our ours out over own
  particular per perhaps possible probably put quite rather really regardless respectively said same say
  says see seem seems seen seven seventeen seventy several shall she should simply since six sixteen sixty
  so some somebody someone something sometimes somewhere soon still such take taken takes taking tell ten
  than that the their theirs them themselves then there thereby therefore these they thing things third
  thirteen thirty this those though thousand three thrice through throughout thus till to together too took
  toward towards twelve twenty twice two unless until up upon us use used useful user-facing uses using
  usual usually various very via want wanted wants was way ways we well went were what whatever when
  whenever where whereas wherever whether which while who whole whom whose why will with within without
  would yes yet you your yours zero
`);

/** Words of every design: they tell something where code has them, little where it has not. */
const general = wordsOf(`
  abandon ability able abroad absence absent absolutely accept access accessible accompany accomplish
  accordingly achieve acquainted act action actively actual adapt addition additional additionally adequate
  adhere adjacent adjust admit advance advantage advice affect afford afraid agree ahead aim alike alive
  allow allowance alone altered answer anticipate anyhow apart apparent appeal appear application apply
  appreciate approach appropriate architecture arise arose arrange arrangement arrive ask aspect assigned
  assist associated assume attached attend attention automatic automatically available avoid await aware
  back bad badly base basic basis bear begin behalf behave behaviour behind believe belong big bigger bit
  blame bother bound brief bring broad brought build built business bypass bytes calculate call caller
  capable care careful carefully carry case caught cause cease central certain chance change characteristic
  characters cheap check choice choose chosen circumstances clean cleanly clear clearly client code combine
  comfortable coming common commonly communicate compare comparison compete complete completely complex
  comply component compute concept concern conclude condition conduct conform confuse connected consequence
  consequently consider considerable consist constantly construct consult contain continue contrast
  contribute controlled convenient convey convince cope correct correctly correspond cost costly course
  crucial current currently cut daily damage dangerous day deal decide declare deeply define deliberately
  demand denied denote depend dependent derive describe deserve design desirable desired destined detail
  determine deterministic develop differ difference different difficult difficulty digits direct directly
  disappear discover discuss distant distinct distinguish distribute divide draw drawn drop duty earlier
  early easier easily easy effect effectively effort element elsewhere emerge emphasis employ enable
  encounter encourage end enjoy ensure enter entire entirely entitled equal equally equip essential
  essentially establish eventually evidence evident exact exactly examine example exceed excellent except
  excluded exclusively exercise exist expect expense experience explain explicit explicitly expose express
  extent external extra fact fail faithful fall fallen false familiar far fashion fast faster favour
  feature fetch figure fill final finally find finish fit fixed flexible focus follow force foreign forget
  forgot form formal former fortunate found free frequent frequently fresh fulfil full fully function
  functionality fundamental furnish future gain gather general generally generated genuine glance global
  goal grace gradually great grow guarantee guard guess guide half hand handle happen hard hardly harm
  heavy held help hidden hide high highly hint hold honour hope hopefully hour huge human idea identical
  identify ignore illustrate immediate immediately impact implement implementation imply important impose
  impossible improve inactive include incoming incorrect increase indeed independent indicate individual
  inform information inherent initial initially inside insist inspect instead intend intention interact
  interest internal interpret introduce invoke involve irrelevant isolated issue item joined joins judge
  jump keep kept kilobytes lack large lay lead leave led left legal legitimate lends length letters level
  lie life lift light likewise linger link literally little live locate long longer longest loose lose lost
  loud low lower lowest main maintain manage mandatory manner manually mark massive matter maximum mean
  measure meet megabytes mention milliseconds mind minor minute miss mix modern modest module moment month
  mount move mutual name natural nature necessarily necessary neglect neighbour new newcomers nice normal
  note notice noticeably nowadays number object observed obtain obvious occasion occur odd offer okay older
  ongoing open operate operator opposite optional optionally ordinary origin original originate outcome
  outgoing outlined outside overall overlap overtake owing owned owns paid pair part partial partially
  partly party pass pay people percent perfect perform periodically permanent permanently permit persist
  person personal picked piece place plain plainly plan play pleasant please plus point policy poor portion
  pose positive possibility possibly potential potentially power powerful practice precise precisely
  predefined predicate predictable prefer preference prepare presence present preserve press pretend
  prevail prevent previous prime principle prior privileged problem proceed process produce program promise
  promptly pronounced proof propagate proper properly prospective protect prove proven provide prudent pull
  pure purpose puts puzzle quarter question quick quickly quit raise rare rarely rate reach reaction
  readable readily ready real realise realistic reason reasonable receive recent recently recognise reduce
  refer refused regard reject relate relation relatively relevant rely remain remarkable remember reply
  represent requested requesting require requirement resemble reside resist respect responded responds
  responsibility responsible rest result return reveal reverse review right rigid rise robust role roughly
  round rule run safe sake sanity satisfy scenario scheme second section seek seemingly seldom select
  selection send sense sensible sensitive sent separate separately serious seriously serve service set
  settle setup severe severely shape share sharp shift shorter shortest shortly show shown side significant
  similar similarly simple single situation slight slightly slow slowly small smaller smallest smart smooth
  soft software solely solution solve somehow sort sought sound spare speak special specific specify spend
  spent spoken spot spread square stable stand standalone standard start state stay steady step stick stop
  store straight straightforward strange strict strictly strong strongly struggle style subject substantial
  succeed successful successfully suddenly suffer suffice sufficient sufficiently suggest suit suitable sum
  superior support suppose sure surely surface surprise surround swift switch system tall tells tend thank
  thereof thick thorough thoroughly tied tight tightly time today told tomorrow tone tool top total touch
  transparent treat trivial trouble true truly trust truth try turn type typical typically ultimate
  ultimately unable unaffected unchanged under undergo underlying understand understood undesired
  unexpected unexpectedly unfortunately uniform unit universal unknown unlike unlikely unnecessary unwanted
  upcoming upper usable useless valid validity valuable value variant variety vary vast version view
  visible vital wanting warn watch weak wear week weigh welcome wide widely willing wins wise wish
  withstand witness wonder word work world worth worthy write written wrong year yesterday yield young
`);

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/).filter(Boolean));
}

const shortestInflected = 5;

/** A word and what it may be an inflection of, by its ending: `giving` and `give`. */
function formsOf(word: string): string[] {
  const bare = word.replace(/(?:ies|ied)$/, 'y').replace(/(?:ing|ed|es|s|d)$/, '');
  return [word, bare, `${bare}e`, bare.replace(/(.)\1$/, '$1'), word.replace(/s$/, '')];
}

/** True for words that tell nothing about code, lower case. */
export const isEmpty = (word: string): boolean =>
  empty.has(word) || (word.length >= shortestInflected && formsOf(word).some((form) => empty.has(form)));

/** True for words that every design has, whatever it is about. */
export const isGeneral = (word: string): boolean =>
  formsOf(word).some((form) => general.has(form)) || /^\d+$/.test(word) || /ly$/.test(word);
