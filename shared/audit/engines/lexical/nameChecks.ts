import type { NameClaim } from '../../design/claims.ts';
import { type FoundName, findName } from '../../retrieval/findName.ts';
import { stemsOf } from '../../retrieval/words.ts';
import type { Check, Reading, Tree } from './check.ts';

/** A name of one word that is rarer than this tells something. */
const tellingRarity = 0.55;
const shortestFuzzy = 6;
/** Folders that are often no part of what is audited. */
const outside = /^(?:tests?|spec|docs?|infra|bench|scripts|examples|deploy|\.\w+)\//;
const declaredHere = 'is declared in';

/** Looks up a name that a statement uses; undefined where nothing in it can be looked up. */
export function checkName(claim: NameClaim, reading: Reading, tree: Tree): Check | undefined {
  if (claim.kind === 'value') return undefined;
  if (claim.kind === 'file') return checkFile(claim, reading, tree);
  if (stemsOf(claim.text).every((key) => key.length < 2)) return undefined;
  const found =
    claim.kind === 'phrase'
      ? findPhrase(claim.text, reading, tree)
      : findIdentifier(claim.text, reading, tree);
  if (found && isStored(claim.text, reading) && found.standing !== 'text' && !isKept(claim.text, tree)) {
    const place = { file: found.file.path, line: found.line };
    const says = `\`${claim.text}\` is not named as the design says, only as a name in ${found.file.path}`;
    return { state: 'near', isTelling: true, says, places: [place] };
  }
  const isTelling =
    isTellingName(claim, tree) ||
    (found?.standing === 'declared' && found.isExact && /^[A-Z]/.test(claim.text));
  const written = `\`${claim.text}\``;
  const folder =
    found || !claim.text.includes('/')
      ? undefined
      : checkFile({ ...claim, text: `${claim.text}/` }, reading, tree);
  if (folder?.state === 'found') return { ...folder, says: `${written} is there` };
  if (!found && outside.test(claim.text) && folder === undefined) return undefined;
  if (!found) return { state: 'absent', isTelling, says: absence(claim), places: [] };
  const place = { file: found.file.path, line: found.line };
  const at = found.file.path;
  if (found.standing === 'comment' || found.standing === 'test') {
    const where = found.standing === 'test' ? 'tests' : 'a comment';
    return { state: 'near', isTelling, says: `${written} stands only in ${where} (${at})`, places: [place] };
  }
  const as = found.isExact ? '' : `, as \`${found.written}\``;
  const verb =
    found.standing === 'declared' ? declaredHere : claim.kind === 'setting' ? 'is read in' : 'stands in';
  if (claim.kind === 'setting' && !found.isExact && !isBoundByName(found, tree))
    return {
      state: 'absent',
      isTelling,
      says: `nothing reads ${written}, though \`${found.written}\` stands in ${at}`,
      places: [],
    };
  return { state: 'found', isTelling, says: `${written} ${verb} ${at}${as}`, places: [place] };
}

const storage = '(?:tables?|queues?|topics?|containers?|buckets?|collections?)';

/** True where the statement says that the name is one of a table, a queue or the like. */
function isStored(name: string, { statement }: Reading): boolean {
  const marked = `\`${name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}\``;
  return new RegExp(`\\b${storage}\\s+(?:named |called )?${marked}|${marked}\\s+${storage}\\b`, 'i').test(
    statement.requirement,
  );
}

/** What maps a type to a table or collection of its name. */
const mapped =
  /@Entity|@Table|@Document|models\.Model|\(Base\)|SQLModel|db\.Model|DbSet<|DbContext|mongoose|ActiveRecord|ApplicationRecord|gorm/;

/** True where the name stands in quotes, in a query, or as a type that is mapped to a table or collection. */
function isKept(name: string, { index, structure }: Tree): boolean {
  const plain = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  const written = new RegExp(
    `['"\`]${plain}['"\`]|\\b(?:from|into|update|table|join|exists|on)\\s+["\`[]?(?:\\w+\\.)?${plain}\\b`,
    'i',
  );
  const keys = stemsOf(name);
  return (
    index.files.some(({ isTest, text }) => !isTest && written.test(text)) ||
    structure.types.some(
      ({ name: typeName, file }) =>
        keys.every((key) => stemsOf(typeName).includes(key)) &&
        mapped.test(index.files.find(({ path }) => path === file)?.text ?? ''),
    )
  );
}

/** True where a settings object takes its members from the environment by their names, in whatever case. */
function isBoundByName({ file, written }: FoundName, { structure }: Tree): boolean {
  if (written === written.toUpperCase()) return true;
  const readsOthers = structure.settings.some((setting) => setting.file === file.path);
  return (
    !readsOthers &&
    (/BaseSettings|ConfigurationProperties|IOptions|Configure<|envconfig|viper/.test(file.text) ||
      /(?:config|settings|options|env)[^/]*$/i.test(file.path))
  );
}

function absence({ text, kind }: NameClaim): string {
  if (kind === 'setting') return `nothing reads \`${text}\``;
  return `\`${text}\` stands nowhere in the source`;
}

function isTellingName({ text, kind }: NameClaim, { index }: Tree): boolean {
  const keys = stemsOf(text);
  return kind === 'setting' || keys.length > 1 || (index.rarity(keys[0] ?? '') ?? 1) >= tellingRarity;
}

/** `Foo.bar` is found where it stands so, else where `bar` does. */
function findIdentifier(text: string, { files }: Reading, { index }: Tree): FoundName | undefined {
  const bare = text.replace(/^[@#$.]+/, '');
  const whole = findName(text, index, files) ?? findName(bare, index, files);
  if (whole) return whole;
  const parts = bare.split(/\.|::|->|#/);
  const last = parts.at(-1) ?? '';
  return parts.length > 1 && last.length > 1 ? findName(last, index, files) : undefined;
}

/** A marked text of several words: as it stands, else by the names in it, where all of them are there. */
function findPhrase(text: string, { files }: Reading, { index }: Tree): FoundName | undefined {
  const whole = findName(text, index, files);
  if (whole) return whole;
  const names = text.match(/[A-Za-z_$#@][\w$-]*[\w$]/g)?.filter((name) => name.length > 2) ?? [];
  const found = names.map((name) => findName(name, index, files));
  if (found.length === 0 || found.some((one) => one === undefined)) return undefined;
  return found[0];
}

function checkFile({ text }: NameClaim, reading: Reading, tree: Tree): Check | undefined {
  const wanted = text.replace(/^\.?\//, '');
  const isFolder = wanted.endsWith('/');
  const file = tree.index.files.find(({ path }) =>
    isFolder
      ? path.startsWith(wanted) || path.includes(`/${wanted}`)
      : path === wanted || path.endsWith(`/${wanted}`),
  );
  if (file)
    return {
      state: 'found',
      isTelling: true,
      says: `\`${text}\` is there`,
      places: [{ file: file.path, line: 0 }],
    };
  const mention = findName(wanted.replace(/\/$/, ''), tree.index, reading.files);
  if (mention && mention.standing !== 'comment')
    return {
      state: 'found',
      isTelling: false,
      says: `\`${text}\` is named in ${mention.file.path}`,
      places: [{ file: mention.file.path, line: mention.line }],
    };
  if (outside.test(wanted) && !tree.index.files.some(({ path }) => outside.test(path))) return undefined;
  // Only source is in the tree: a file of another kind may well be where the design says.
  const extension = /\.\w+$/.exec(wanted)?.[0];
  const hasKind =
    isFolder || tree.index.files.some(({ path }) => extension !== undefined && path.endsWith(extension));
  if (!hasKind) return undefined;
  return { state: 'absent', isTelling: true, says: `there is no \`${text}\` in the tree`, places: [] };
}

/** A name in the tree that differs from a missing one by a few letters; undefined where there is none. */
export function nearestName(text: string, tree: Tree): string | undefined {
  const wanted = text.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (wanted.length < shortestFuzzy) return undefined;
  const keys = stemsOf(text).filter((key) => tree.index.has(key));
  const cells = new Set(keys.flatMap((key) => tree.index.cellsOf(key)).slice(0, 200));
  for (const cell of cells) {
    const file = tree.index.files[tree.index.fileOf(cell)];
    if (!file || file.isTest) continue;
    const first = (cell - tree.index.firstCell(tree.index.fileOf(cell))) * 8;
    for (let line = first; line < Math.min(first + 8, file.lineCount); line++) {
      for (const [name] of file
        .line(line)
        .slice(0, 500)
        .matchAll(/[A-Za-z_$][\w$-]+/g)) {
        const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
        if (Math.abs(plain.length - wanted.length) <= 2 && plain !== wanted && distance(plain, wanted) <= 2)
          return name;
      }
    }
  }
  return undefined;
}

/** Letters to be changed, added or taken away to make one word of the other. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min(
          (row[j] ?? 0) + 1,
          (next[j - 1] ?? 0) + 1,
          (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1),
        ),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
