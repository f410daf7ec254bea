import { type Quantity, quantitiesOf } from '../../design/quantities.ts';
import { findName, standaloneIndex } from '../../retrieval/findName.ts';
import { agrees, numbersIn } from '../../structure/numbers.ts';
import type { Check, Place, Reading, Tree } from './check.ts';

const mostMentions = 40;
const aroundLines = 3;
const fallbackMark = /\?\?=?|\|\||\bdefault|getenv|environ|\bor\b|:-|\bget\w*\(|=|Optional|,/i;

/** Checks the values that a statement gives to names against what stands where the names do. */
export function checkValues({ claims: { values }, files }: Reading, { index }: Tree): Check[] {
  return values.flatMap(({ name, value }): Check[] => {
    const places = mentionsOf(name, index, files);
    if (places.length === 0) return [];
    const quantity = quantitiesOf(value)[0] ?? undefined;
    const number = Number(value.replaceAll(/[,_]/g, ''));
    const wanted: Quantity | undefined = Number.isFinite(number)
      ? { value: number, unit: 'count', base: number, text: value, firm: true, isBound: true }
      : quantity;
    const isThere = places.find(({ text }) =>
      wanted
        ? numbersIn(text).some((one) => agrees(wanted, one) || agrees({ ...wanted, unit: 'time' }, one))
        : standaloneIndex(text.toLowerCase(), value.toLowerCase()) >= 0,
    );
    if (isThere)
      return [
        {
          state: 'found',
          isTelling: true,
          says: `\`${name}\` defaults to ${value} in ${isThere.file}`,
          places: [{ file: isThere.file, line: isThere.line }],
        },
      ];
    const other = places.find(
      ({ text, own }) => own && fallbackMark.test(text) && differs(text, name, wanted !== undefined),
    );
    if (!other) return [];
    return [
      {
        state: 'contradicted',
        isTelling: true,
        says: `the design says ${value} for \`${name}\`, and ${other.file} has \`${other.text.trim().slice(0, 80)}\``,
        places: [{ file: other.file, line: other.line }],
      },
    ];
  });
}

/** True where the line of a name gives it some literal value of its own. */
function differs(text: string, name: string, isNumber: boolean): boolean {
  const rest = text.slice(Math.max(0, text.indexOf(name)) + name.length);
  if (isNumber) return numbersIn(rest).length > 0 && !/[?]\s*$/.test(rest);
  return /(?:\?\?|\|\||,|=|default\(|:-|:)\s*['"`][^'"`]+['"`]/.test(rest);
}

interface Mention extends Place {
  text: string;
  /** True for the line on which the name itself stands. */
  own: boolean;
}

function mentionsOf(name: string, index: Tree['index'], files: ReadonlySet<string>): Mention[] {
  const found = findName(name, index, files);
  if (!found || found.standing === 'comment') return [];
  const mentions: Mention[] = [];
  for (const file of index.files) {
    if (file.isTest) continue;
    for (let at = file.text.indexOf(found.written); at >= 0; at = file.text.indexOf(found.written, at + 1)) {
      const line = file.lineAt(at);
      if (file.isComment(line)) continue;
      for (let next = line; next < Math.min(file.lineCount, line + aroundLines); next++)
        mentions.push({
          file: file.path,
          line: next,
          text: file.line(next).slice(0, 400),
          own: next === line,
        });
      if (mentions.length >= mostMentions * aroundLines) return mentions;
    }
  }
  return mentions;
}
