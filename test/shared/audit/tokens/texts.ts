import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../../../support/process.ts';

/** Text files by pattern, each up to 100 KB, until so many bytes are read. */
function filesOf(pattern: string, atMost: number): string[] {
  const texts: string[] = [];
  let bytes = 0;
  for (const file of globSync(pattern, { cwd: root }).sort()) {
    const path = join(root, file);
    const stat = statSync(path);
    if (!stat.isFile() || stat.size > 100_000) continue;
    texts.push(readFileSync(path, 'utf8'));
    bytes += stat.size;
    if (bytes > atMost) break;
  }
  return texts;
}

const packages = '{ajv,azurite,fast-check,openai,typescript,vitest,zod,yazl,@types/node,@vitest/coverage-v8}';

/** Real files of many kinds: this repository's and those of packages it is built with. */
export function realFiles(): string[] {
  return [
    ...filesOf('{functions,shared,local,docs}/**/*.{ts,md,json,svg}', 700_000),
    ...filesOf('test/**/*.ts', 200_000),
    ...['ts', 'js', 'mjs', 'cts', 'json', 'md'].flatMap((kind) =>
      filesOf(`node_modules/${packages}/**/*.${kind}`, 250_000),
    ),
    ...['css', 'html', 'yml', 'txt', 'xml', 'c'].flatMap((kind) =>
      filesOf(
        `node_modules/{@vitest,tslib,applicationinsights,tunnel,bare-*,es-*,function-bind}/**/*.${kind}`,
        100_000,
      ),
    ),
  ];
}

/** A sentence in each of many scripts. */
export const scripts = [
  "The quick brown fox doesn't jump; it's the DOG'S turn, they'LL say we'RE late, I'D go, you'Ve been, I'm ſure it'ſ so.",
  'Größenwahn, ÄRGER und Straßenbahnhaltestellen: ÇA VA où l’été naïve façade, İstanbul ıssız ǅungla ǈubav.',
  'Съешь же ещё этих мягких французских булок, ДА ВЫПЕЙ чаю.',
  'Ξεσκεπάζω την ψυχοφθόρα βδελυγμία. ΌΧΙ ΑΚΌΜΗ',
  'השועל החום המהיר קופץ מעל הכלב העצלן, שָׁלוֹם',
  'الثعلب البني السريع يقفز فوق الكلب الكسول ١٢٣٤٥ مُحَمَّد',
  'तेज भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है १२३४५६',
  'দ্রুত বাদামী শিয়াল অলস কুকুরের উপর লাফ দেয়',
  'வேகமான பழுப்பு நரி சோம்பேறி நாயின் மீது பாய்கிறது',
  'สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ ๑๒๓',
  'ສະບາຍດີ မင်္ဂလာပါ សួស្តី',
  '敏捷的棕色狐狸跳过了懒狗。漢字かな交じり文、カタカナ！１２３４５',
  '빠른 갈색 여우가 게으른 개를 뛰어넘는다. 각',
  'სწრაფი ყავისფერი მელა ᲡᲬᲠᲐᲤᲘ Արագ շագանակագույն աղվեսը',
  'ፈጣን ቡናማ ቀበሮ ᎠᏂᏴᏫᏯ ꮳꮃꭹ ᐃᓄᒃᑎᑐᑦ ᚠᚢᚦ',
  '𝒜𝓁𝑔𝑒𝒷𝓇𝒶 𝟘𝟙𝟚𝟛 𐐀𐐨𐐩 𠀀𠀁 𞤀𞤢𞥄 𒀀𒐀 𑀓𑀸',
  'I⅓ Ⅷ ² ½ ㊿ ௧௨௩௪ ໑໒໓໔',
  'e\u0301A\u0300B\u0302c \u0301\u0302x =\u0301a ==\u0301a \u20dd Zalgo Z̵̢͝a̸͉͂l̴̫̚g̷̙̈o̶͖͑',
  '👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪🇫🇷 👍🏽 1️⃣ ☎️ 🚪door🚪DOOR 🚪 🚪',
  '\ufeffusing System;\ufeff\ufeff// c\u0085\u0085x\u0085 \u0085\n\u2028a\u2029 b\u180ec\u200bd\u00a0\u00a0e\u3000\u3000f\u2003g',
  '<|endoftext|><|fim_prefix|> <|im_start|>user<|im_sep|><|endofprompt|><|fim_middle|><|fim_suffix|>',
  '\ud800 \udc00 a\ud83db \udeaa\ud83d \udeaa\udeaa\ud83d\ud83d',
  "'s'S'ſ't'T'm'M'd'D're'RE'rE've'Ve'll'lL 'sx 'rex a's's A'LLa 漢'd \u0301's 1's 's1 ''s '\n's \t't",
  'line\r\n\r\n  \t\r\n x\r\r\ry \n \n\n\t\tz   \n   end   ',
  '// a\n/// b\n/**\n * c\n */\n\n//\n/\n=/\n/=\r\n/ x',
  '0 00 000 0000 00000 1.234.567,89 0xDEADBEEF 1e-9 12345678901234567890',
];

/** What random texts are put together of: a few of every class, and what the split patterns treat in a way of its own. */
export const fragments = [
  ...[
    'a',
    'z',
    'the',
    'A',
    'Z',
    'API',
    'ß',
    'ſ',
    'K',
    'ǅ',
    'İ',
    'ʰ',
    'ª',
    '漢',
    'の',
    'א',
    '\u0295',
    '\ua7ce',
  ],
  ...['𝒜', '𝒶', '𐐀', '𐐨', '𠀀', '\u0301', '\u20dd', '\u0e34', '\u{1d165}', '0', '42', '٣', 'Ⅷ', '½', '𝟘'],
  ...[
    ' ',
    '  ',
    '        ',
    '\t',
    '\u00a0',
    '\u2003',
    '\u0085',
    '\u2028',
    '\u180e',
    '\u200b',
    '\ufeff',
    '\u0000',
  ],
  ...[
    '\n',
    '\r',
    '\r\n',
    '\n\n',
    '/',
    '//',
    '.',
    '=',
    '==',
    '({',
    '});',
    '"',
    '\\',
    '#',
    '`',
    '-',
    '_',
    '…',
    '€',
  ],
  ...["'", "'s", "'S", "'ſ", "'t", "'ll", "'LL", "'rE", "'ve", "'r", "'l", "'d", "'M", '’s', 's', 'l', 'E'],
  ...[
    '🚪',
    '\u200d',
    '\ufe0f',
    '🇩',
    '🏽',
    '\ud83d',
    '\udeaa',
    '\ud800',
    '<|endoftext|>',
    '<|',
    '|>',
    '\u{e0001}',
  ],
];
