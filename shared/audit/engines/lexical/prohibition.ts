import { type CodeIndex, cellLines } from '../../retrieval/codeIndex.ts';
import { findName } from '../../retrieval/findName.ts';
import { termsOf } from '../../retrieval/terms.ts';
import { stem, stemsOf } from '../../retrieval/words.ts';
import type { Check, Reading, Tree } from './check.ts';

/** A thing named right after the prohibition of using it: "must not use `eval`", "never calls `exec`". */
const forbidsUse =
  /\b(?:must not|must never|shall not|shall never|may not|should not|should never|never|cannot|do(?:es)? not|not allowed to|forbidden to)\s+(?:\w+ly\s+)?(?:be\s+)?(?:use[sd]?|using|import(?:s|ed)?|call(?:s|ed)?|depend(?:s)? on|require[sd]?|rely on|contain(?:s)?|invoke[sd]?|expose[sd]?|offer(?:s|ed)?|provide[sd]?|have|has)\s+(?:(?:the|a|an|any)\s+)?(?:\w+\s+){0,2}`([^`]+)`/gi;
const forbidsNamed =
  /`([^`]+)`\s+(?:must|shall|should|may)\s+(?:not|never)\s+be\s+(?:used|imported|called|exposed|offered|registered|invoked)/gi;
const forbidsLogging =
  /\b(?:must not|must never|shall not|shall never|should not|never|not allowed to|no)\b[^.;]*\b(?:log(?:s|ged|ging)?|printed|written to (?:the|any) logs?|logs)\b/i;
const logCall =
  /\b(?:console\.(?:log|info|warn|error|debug)|(?:\w*[Ll]og(?:ger|ging)?|LOG(?:GER)?|_log(?:ger)?|slog|zap|fmt|System\.out)\.(?:log|info|warn|warning|error|debug|trace|fatal|Print\w*|print\w*|Log\w*|Info\w*|Warn\w*|Error\w*|Debug\w*|exception)|\blog(?:ger)?|print(?:ln)?|puts|NSLog)\s*\(/;
const guarded =
  /mask|redact|hash|anonymi|obfuscat|\*\*\*|length|len\(|typeof|count|filtered|scrub|sanitis|sanitiz|censor/i;
/** What nobody wants in a log; other words are logged by name for good reasons. */
const sensitive = new Set(
  stemsOf(
    'password passphrase code otp secret token credential key pin cvv cvc card iban ssn phone email address account payload body transcript birthday diagnosis salary licence',
  ),
);
const logWords = new Set(
  stemsOf(
    'log logs logged logger logging line lines plain clear text any write written print printed file record output trace',
  ),
);

/**
 * Looks for what a statement forbids, where the form of code shows it: a named thing that is used, a secret that is
 * handed to the log. Undefined where the statement forbids nothing of the kind.
 */
export function checkProhibition(reading: Reading, tree: Tree): Check | undefined {
  const { requirement } = reading.statement;
  const named = [...requirement.matchAll(forbidsUse), ...requirement.matchAll(forbidsNamed)].map(
    ([, name = '']) => name,
  );
  const [name] = named;
  if (name !== undefined && /^[\w@$./-]+(?:\(\))?$/.test(name))
    return checkUse(name.replace(/\(\)$/, ''), tree);
  return forbidsLogging.test(requirement) ? checkLogging(requirement, tree) : undefined;
}

function checkUse(name: string, { index }: Tree): Check {
  const found = findName(name, index);
  if (found?.isExact && found.standing !== 'comment' && found.standing !== 'test') {
    const place = { file: found.file.path, line: found.line };
    return {
      state: 'contradicted',
      isTelling: true,
      says: `\`${name}\` must not be there and stands in ${place.file}`,
      places: [place],
    };
  }
  return {
    state: 'found',
    isTelling: true,
    says: `\`${name}\` stands nowhere in the code, as the design wants it`,
    places: [],
  };
}

/** A call of a logger that is given a variable named like what must not be logged. */
function checkLogging(requirement: string, { index }: Tree): Check | undefined {
  const secrets = termsOf(requirement).filter(
    ({ stem: key, prior }) => (prior === 1 || sensitive.has(key)) && !logWords.has(key),
  );
  const heads = secrets.filter(({ stem: key }) => sensitive.has(key));
  for (const { stem: key, word } of heads) {
    if (!index.has(key)) continue;
    for (const cell of index.cellsOf(key)) {
      const line = loggedLine(
        cell,
        key,
        secrets.map((secret) => secret.stem),
        index,
      );
      if (line) return { ...line, says: `${line.places[0]?.file} logs a value named like "${word}"` };
    }
  }
  if (heads.length === 0) return undefined;
  const says = `no call of a logger is given a value named like ${heads.map(({ word }) => `"${word}"`).join(' or ')}`;
  return { state: 'found', isTelling: true, says, places: [] };
}

function loggedLine(cell: number, key: string, keys: readonly string[], index: CodeIndex): Check | undefined {
  const fileNumber = index.fileOf(cell);
  const file = index.files[fileNumber];
  if (!file || file.isTest) return undefined;
  const first = (cell - index.firstCell(fileNumber)) * cellLines;
  for (let line = first; line < Math.min(first + cellLines, file.lineCount); line++) {
    const text = file.line(line).slice(0, 400);
    const call = logCall.exec(text);
    if (!call || file.isComment(line) || guarded.test(text)) continue;
    const names = [...text.slice(call.index + call[0].length).matchAll(/[A-Za-z_$][\w$]*/g)].filter(
      ({ index: at }) => file.kindAt(line, call.index + call[0].length + at) === 'code',
    );
    const isLogged = names.some(({ 0: name }) => {
      const stems = stemsOf(name);
      return (
        stems.includes(key) &&
        stems.every((one) => keys.includes(one) || stem('user') === one || one.length < 3)
      );
    });
    if (isLogged)
      return { state: 'contradicted', isTelling: true, says: '', places: [{ file: file.path, line }] };
  }
  return undefined;
}
