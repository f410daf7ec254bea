import { declarationOf, indentOf, longestLine } from '../retrieval/declaration.ts';
import type { IndexedFile } from '../retrieval/indexedFile.ts';
import { stemsOf } from '../retrieval/words.ts';
import type { Turns } from '../turns.ts';

/** A field of a type, a column of a table, a value of an enumeration. */
export interface Member {
  name: string;
  /** 0-based. */
  line: number;
}

/** A type, table or schema with what belongs to it. */
export interface TypeMembers {
  name: string;
  /** Stems of its name without words such as `schema`. */
  stems: readonly string[];
  file: string;
  line: number;
  members: readonly Member[];
}

const mostMembers = 200;
const longestType = 400;
const filler = new Set(
  stemsOf(
    'schema model entity table record row dto type interface data view input output response request payload props shape new create update base item object info',
  ),
);
const schemaLine = /^\s*(?:export\s+)?(?:const|let|var|val)\s+(\w+)\s*[:=].*(?:\{|\(|\[)\s*$/;
const memberPatterns = [
  /^\s*(?:@\w+(?:\([^)]*\))?\s*)*(?:(?:public|private|protected|internal|readonly|static|final|required|virtual|override|volatile|transient|val|var|const|let|pub|declare|abstract)\s+)*['"]?([A-Za-z_$][\w$-]*)['"]?\s*[?!]?\s*(?::(?!:)|=(?![=>]))/,
  /^\s*(?:(?:public|private|protected|internal|readonly|static|final|required|virtual|override|volatile|transient)\s+)+(?:[\w$.]+(?:<[^<>]*(?:<[^<>]*>)?[^<>]*>)?(?:\[\])?\??)\s+([A-Za-z_$][\w$]*)\s*(?:[;={]|$)/,
  /^\s*([A-Z]\w*)\s+[*[\]\w.]+(?:\s+`[^`]*`)?\s*(?:\/\/.*)?$/,
  /^\s*[`"[]?([a-z_]\w*)[`"\]]?\s+(?:serial|bigserial|uuid|int\w*|bigint|smallint|tinyint|text|n?varchar\w*|char\w*|bool\w*|timestamp\w*|date\w*|time\w*|numeric\w*|decimal\w*|float\w*|double|real|json\w*|bytea|blob|enum|money|citext|inet)\b/i,
  /^\s*(?:self|this)\.([A-Za-z_]\w*)\s*(?::[^=]+)?=(?!=)/,
  /^\s*['"]?([A-Z][A-Z0-9_]*)['"]?\s*(?:\(.*\))?\s*[,;]?\s*$/,
  /^\s*['"]([\w-]+)['"]\s*,?\s*$/,
];
const inline = /\{([^{}]*[:;][^{}]*)\}|\brecord\s+\w+\s*\(([^()]*)\)|\(([^()]*)\)\s*\{?\s*$/;

/** The types, tables and schemas of a tree with their members. */
export async function membersOf(files: readonly IndexedFile[], turns: Turns): Promise<TypeMembers[]> {
  const found: TypeMembers[] = [];
  for (const file of files) {
    if (file.isTest) continue;
    for (let line = 0; line < file.lineCount; line++) {
      if (line % 64 === 0) await turns.giveWay();
      const name = typeNameOf(file, line);
      if (name === undefined) continue;
      const members = bodyMembers(file, line);
      if (members.length < 2) continue;
      const stems = stemsOf(name.split('.').at(-1) ?? name);
      const telling = stems.filter((key) => !filler.has(key));
      found.push({ name, stems: telling.length > 0 ? telling : stems, file: file.path, line, members });
    }
  }
  return found;
}

function typeNameOf(file: IndexedFile, line: number): string | undefined {
  const text = file.line(line);
  if (text.length > longestLine || text.trim() === '' || file.isComment(line)) return undefined;
  const declared = declarationOf(text);
  if (declared?.kind === 'type') return declared.name;
  return schemaLine.exec(text)?.[1];
}

/** The members right below a declaration, those of nested blocks left out, or on its own line. */
function bodyMembers(file: IndexedFile, at: number): Member[] {
  const own = file.line(at);
  const indent = indentOf(own);
  const members: Member[] = inlineMembers(own).map((name) => ({ name, line: at }));
  let inner: number | undefined;
  for (let line = at + 1; line < Math.min(file.lineCount, at + longestType); line++) {
    const text = file.line(line);
    if (text.trim() === '' || text.length > longestLine || file.isComment(line)) continue;
    const columns = indentOf(text);
    if (columns <= indent && !/^\s*[{(]\s*$/.test(text)) break;
    const isSelf = /^\s*(?:self|this)\.\w+\s*(?::[^=]+)?=/.test(text);
    if (columns <= indent) continue;
    inner ??= columns;
    if (columns !== inner && !isSelf) continue;
    const name = memberPatterns.map((pattern) => pattern.exec(text)?.[1]).find(Boolean);
    if (name && !members.some((member) => member.name === name)) members.push({ name, line });
    if (members.length >= mostMembers) break;
  }
  return members;
}

function inlineMembers(line: string): string[] {
  const match = inline.exec(line);
  const body = match?.[1] ?? match?.[2];
  if (body === undefined) return [];
  return body
    .split(/[;,]/)
    .map((part) => /([A-Za-z_$][\w$]*)\s*\??\s*(?::|$)/.exec(part.trim())?.[1] ?? '')
    .filter(Boolean);
}
