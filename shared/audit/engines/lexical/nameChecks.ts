import type { NameClaim } from '../../design/claims.ts';
import { type FoundName, findName } from '../../retrieval/findName.ts';
import { nearestName } from '../../retrieval/nearestName.ts';
import { stemsOf } from '../../retrieval/words.ts';
import type { Check, Reading, Tree } from './check.ts';

/** A name of one word that is rarer than this tells something. */
const tellingRarity = 0.55;
/** Folders that are often no part of what is audited. */
const outside = /^(?:tests?|spec|docs?|infra|bench|scripts|examples|deploy|\.\w+)\//;

/** Looks up a name that a statement uses; undefined where nothing in it can be looked up. */
export function checkName(claim: NameClaim, reading: Reading, tree: Tree): Check | undefined {
  if (claim.kind === 'value') return undefined;
  if (claim.kind === 'file') return checkFile(claim, reading, tree);
  if (stemsOf(claim.text).every((key) => key.length < 2)) return undefined;
  const found =
    claim.kind === 'phrase'
      ? findPhrase(claim.text, reading, tree)
      : findIdentifier(claim.text, reading, tree);
  return found ? whereFound(claim, found, reading, tree) : whereAbsent(claim, reading, tree);
}

function whereFound(claim: NameClaim, found: FoundName, reading: Reading, tree: Tree): Check {
  const { text, kind } = claim;
  const { file, line, standing, isExact, written } = found;
  const at = file.path;
  const places = [{ file: at, line }];
  const isTelling = isTellingName(claim, tree) || (standing === 'declared' && isExact && /^[A-Z]/.test(text));
  if (standing === 'comment' || standing === 'test') {
    const where = standing === 'test' ? 'tests' : 'a comment';
    return { state: 'near', isTelling, says: `\`${text}\` stands only in ${where} (${at})`, places };
  }
  if (standing !== 'text' && isStored(text, reading) && !isKept(text, tree)) {
    const says = `\`${text}\` is not named as the design says, only as a name in ${at}`;
    return { state: 'near', isTelling: true, says, places };
  }
  if (kind === 'setting' && !isExact && !isBoundByName(found, tree)) {
    const says = `nothing reads \`${text}\`, though \`${written}\` stands in ${at}`;
    return { state: 'absent', isTelling, says, places: [] };
  }
  const verb = standing === 'declared' ? 'is declared in' : kind === 'setting' ? 'is read in' : 'stands in';
  const as = isExact ? '' : `, as \`${written}\``;
  return { state: 'found', isTelling, says: `\`${text}\` ${verb} ${at}${as}`, places };
}

function whereAbsent(claim: NameClaim, reading: Reading, tree: Tree): Check | undefined {
  const { text, kind } = claim;
  const folder = text.includes('/') ? checkFile({ ...claim, text: `${text}/` }, reading, tree) : undefined;
  if (folder?.state === 'found') return { ...folder, says: `\`${text}\` is there` };
  if (outside.test(text) && folder === undefined) return undefined;
  const near = kind === 'phrase' ? undefined : nearestName(text, tree.index);
  const absence =
    kind === 'setting' ? `nothing reads \`${text}\`` : `\`${text}\` stands nowhere in the source`;
  const says = near === undefined ? absence : `${absence} (the nearest name is \`${near}\`)`;
  return {
    state: 'absent',
    isTelling: isTellingName(claim, tree),
    says,
    places: [],
    hasNear: near !== undefined,
  };
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
