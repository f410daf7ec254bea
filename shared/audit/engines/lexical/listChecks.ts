import { findName } from '../../retrieval/findName.ts';
import { termsOf } from '../../retrieval/terms.ts';
import { stemsOf } from '../../retrieval/words.ts';
import type { TypeMembers } from '../../structure/members.ts';
import type { Check, Reading, Tree } from './check.ts';

/** Of the things listed, how many a type must have to be the one that is meant. */
const enough = 0.5;
const fewestShared = 2;
const fewestItems = 3;

/** Checks things that are told of a subject one after the other: fields against the type, else words against the tree. */
export function checkList({ statement, claims }: Reading, tree: Tree): Check[] {
  if (!claims.list) return [];
  const { subject, items } = claims.list;
  const meant = termsOf(subject).length > 0 ? subject : (statement.section.at(-1) ?? '');
  const type = typeOf(stemsOf(meant), items, tree);
  if (type) return checkMembers(items, type, tree);
  return items.some((item) => claims.names.some(({ text }) => text === item)) ? [] : checkWords(items, tree);
}

/** A row of a table of fields below a heading that names a type. */
export function checkRowField({ statement: { cells, section } }: Reading, tree: Tree): Check | undefined {
  const [first] = cells;
  if (!first || !/^(?:fields?|columns?|propert(?:y|ies)|attributes?|members?)\b/i.test(first.header))
    return undefined;
  const name = first.text.replace(/[`*]/g, '').trim();
  if (!/^[\w.-]+$/.test(name)) return undefined;
  const subject = stemsOf(section.at(-1) ?? '');
  const types = tree.structure.types.filter(({ stems }) => stems.every((key) => subject.includes(key)));
  if (types.length === 0) return undefined;
  const holder = types.find((type) => memberFor(name, type));
  const known = holder ? memberFor(name, holder) : undefined;
  if (holder && known)
    return {
      state: 'found',
      isTelling: true,
      says: `\`${holder.name}\` in ${holder.file} has \`${known.name}\``,
      places: [{ file: holder.file, line: known.line }],
    };
  return absentMember(name, types[0] as TypeMembers);
}

function memberFor(item: string, type: TypeMembers) {
  const keys = termsOf(item).map(({ stem }) => stem);
  const wanted = keys.length > 0 ? keys : stemsOf(item);
  const fits = type.members
    .map((member) => ({ member, stems: stemsOf(member.name) }))
    .map(({ member, stems }) => ({
      member,
      shared: wanted.filter((key) => stems.includes(key)).length,
      stems,
    }))
    .filter(({ shared, stems }) => shared > 0 && (shared === wanted.length || shared === stems.length))
    .sort((a, b) => b.shared - a.shared || a.stems.length - b.stems.length);
  return fits[0]?.member;
}

/** The type that a list of fields is meant for: named by the subject, with most of the fields. */
function typeOf(
  subject: readonly string[],
  items: readonly string[],
  { structure }: Tree,
): TypeMembers | undefined {
  const candidates = structure.types
    .filter(({ stems }) => stems.every((key) => subject.includes(key)))
    .map((type) => ({
      type,
      has: items.filter((item) => memberFor(item, type)).length,
      fit: type.stems.filter((key) => subject.includes(key)).length / type.stems.length,
    }))
    .filter(({ has }) => has >= fewestShared && has / items.length >= enough)
    .sort((a, b) => b.has - a.has || b.fit - a.fit || (a.type.file < b.type.file ? -1 : 1));
  return candidates[0]?.type;
}

function absentMember(item: string, type: TypeMembers): Check {
  return {
    state: 'absent',
    isTelling: true,
    says: `\`${type.name}\` in ${type.file} has no ${/^[\w.-]*[A-Z_.-]/.test(item) ? `\`${item}\`` : item}`,
    places: [{ file: type.file, line: type.line }],
  };
}

function checkMembers(items: readonly string[], type: TypeMembers, tree: Tree): Check[] {
  return items.map((item): Check => {
    const member = memberFor(item, type);
    if (member)
      return {
        state: 'found',
        isTelling: true,
        says: `\`${type.name}\` in ${type.file} has \`${member.name}\``,
        places: [{ file: type.file, line: member.line }],
      };
    const elsewhere = tree.structure.types.some(
      (other) =>
        other !== type && other.stems.some((key) => type.stems.includes(key)) && memberFor(item, other),
    );
    return elsewhere
      ? { ...absentMember(item, type), state: 'found', says: '', places: [] }
      : absentMember(item, type);
  });
}

/** Listed things of which the tree has no word at all, where it has most of the others. */
function checkWords(items: readonly string[], { index }: Tree): Check[] {
  const known = items.map((item) => ({ item, terms: termsOf(item) })).filter(({ terms }) => terms.length > 0);
  const absent = known.filter(({ terms }) =>
    terms.every(({ stem, prior }) => prior === 1 && !index.has(stem)),
  );
  const isMostlyThere = known.length >= fewestItems && absent.length > 0 && absent.length * 2 < known.length;
  if (!isMostlyThere) return [];
  return absent
    .filter(({ item }) => !findName(item.replace(/\s+/g, ''), index))
    .map(({ item }) => ({
      state: 'absent',
      isTelling: true,
      says: `the source has no word of "${item}"`,
      places: [],
    }));
}
