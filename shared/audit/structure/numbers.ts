import { bytesIn, type Quantity, secondsIn } from '../design/quantities.ts';
import { longestLine } from '../retrieval/declaration.ts';
import type { IndexedFile } from '../retrieval/indexedFile.ts';
import { stemsOf, words } from '../retrieval/words.ts';
import type { Turns } from '../turns.ts';

/** A number in code with what its name and the words around it say of its unit. */
export interface CodeNumber {
  value: number;
  /** Seconds or bytes in the units that stand beside it. */
  units: readonly number[];
  /** The name it is given, such as `MAX_RETRIES` or `timeout`; undefined where it has none. */
  name: string | undefined;
  text: string;
  column: number;
}

/** A number that the source gives to a name, and where. */
export interface NamedNumber extends CodeNumber {
  name: string;
  stems: readonly string[];
  file: string;
  /** 0-based. */
  line: number;
}

const literal = String.raw`\d[\d_]*(?:\.\d+)?(?:e\d+)?`;
const product = new RegExp(
  String.raw`(?<![\w$.])(${literal}(?:\s*(?:\*|<<)\s*(?:${literal}|[A-Za-z_][\w.]*))*)([A-Za-z%]{0,12})(?![\w$])`,
  'g',
);
const nameBefore =
  /([A-Za-z_$][\w$.-]*)['"]?\]?\s*\??\s*(?::\s*[\w<>.|\s]{0,40}=|:=|[:=]|\(|,|\?\?|\|\||[<>]=?|=>)\s*(?:[A-Za-z_$][\w$.]*\(\s*)?(?:['"`])?\s*$/;
const spelledUnit =
  /^\s*(?:-|\s)?(milliseconds?|ms|seconds?|secs?|minutes?|mins?|hours?|days?|weeks?|months?|years?|[kmg]i?b|bytes?|percent|%)\b/i;

/** The value of a product of numbers; names in it give its unit. */
function evaluate(text: string): { value: number; units: number[] } {
  const units: number[] = [];
  let value: number | undefined;
  let shift = false;
  for (const [part] of text.matchAll(/<<|\*|[\w.]+/g)) {
    if (part === '<<') shift = true;
    else if (part === '*') shift = false;
    else if (/^\d/.test(part)) {
      const number = Number(part.replaceAll('_', ''));
      value = value === undefined ? number : shift ? value * 2 ** number : value * number;
    } else units.push(...unitsIn(part));
  }
  return { value: value ?? Number.NaN, units };
}

function unitsIn(name: string): number[] {
  return words(name).flatMap((word) => {
    const unit = secondsIn(word) ?? bytesIn(word);
    return unit === undefined ? [] : [unit];
  });
}

/** The numbers of a line of code, in its order. */
export function numbersIn(line: string): CodeNumber[] {
  if (line.length > longestLine) return [];
  return [...line.matchAll(product)].flatMap(({ 0: whole, 1: expression = '', 2: suffix = '', index }) => {
    const { value, units } = evaluate(expression);
    if (!Number.isFinite(value)) return [];
    const before = line.slice(0, index);
    const name = nameBefore.exec(before.slice(-120))?.[1];
    const spelled = suffix || (spelledUnit.exec(line.slice(index + whole.length))?.[1] ?? '');
    const method = /^\.(\w+)/.exec(line.slice(index + whole.length))?.[1] ?? '';
    const wrapped = /([A-Za-z_$][\w$.]*)[(=:]\s*['"`]?$/.exec(before)?.[1] ?? '';
    const named = [name ?? '', wrapped, spelled, method].flatMap(unitsIn);
    const timer = /\bset(?:Timeout|Interval)\(.*,\s*$/.test(before) ? [0.001] : [];
    const bound = /([A-Za-z_$][\w$]*)\s*(?::[^=;]*)?=[^=]/.exec(before)?.[1];
    return [
      {
        value,
        units: [...units, ...named, ...timer, ...unitsIn(bound ?? '')],
        name: bestName(name, bound),
        text: whole,
        column: index,
      },
    ];
  });
}

/** The name in front of a number, but where that is a mere unit or type, what the whole is assigned to. */
function bestName(name: string | undefined, bound: string | undefined): string | undefined {
  if (name === undefined) return bound;
  const plain = words(name).every(
    (word) =>
      secondsIn(word) ??
      bytesIn(word) ??
      /^(?:number|int|integer|long|parse|math|of|from|duration|timedelta|time|span|default|or|else|env|process)$/.test(
        word,
      ),
  );
  return plain ? (bound ?? name) : name;
}

const isNear = (a: number, b: number) => Math.abs(a - b) <= Math.max(a, b) * 1e-9;

/** True where a number of the code can be the quantity, in any unit it may be written in. */
export function agrees(
  { unit, value, base }: Quantity,
  number: Pick<CodeNumber, 'value' | 'units'>,
): boolean {
  const n = number.value;
  if (unit === 'time') {
    if (number.units.some((factor) => isNear(n * factor, base))) return true;
    return number.units.length === 0
      ? [0.001, 1, 60, 3_600, 86_400].some((factor) => isNear(n * factor, base)) || isNear(n, value)
      : [0.001, 1, 60].some(
          (factor) => number.units.every((own) => own < 0.5 || own >= 1) && isNear(n * factor, base),
        );
  }
  if (unit === 'size') {
    const binary = base / 1_000 ** Math.floor(Math.log10(Math.max(1, base / value)) / 3 + 1e-9);
    const power = Math.round(Math.log10(Math.max(1, base / value)) / 3);
    return isNear(n, base) || isNear(n, binary * 1_024 ** power) || isNear(n, value);
  }
  if (unit === 'percent')
    return (
      isNear(n, value) || isNear(n, value / 100) || isNear(n, 1 - value / 100) || isNear(n, 1 + value / 100)
    );
  if (unit === 'money') return isNear(n, value) || isNear(n, value * 100) || isNear(n, value * 1_000_000);
  return isNear(n, value);
}

/** True where a text is nothing but the number and its unit: `'30s'`, `"15 minutes"`. */
const isAmount = (line: string, { column, text }: CodeNumber) =>
  /["'`]/.test(line[column - 1] ?? '') && /^\s?[a-z%]{0,12}["'`]/i.test(line.slice(column + text.length));

/** The numbers that a tree gives to names. */
export async function namedNumbersOf(files: readonly IndexedFile[], turns: Turns): Promise<NamedNumber[]> {
  const found: NamedNumber[] = [];
  for (const file of files) {
    if (file.isTest) continue;
    for (let line = 0; line < file.lineCount; line++) {
      if (line % 32 === 0) await turns.giveWay();
      const text = file.line(line);
      if (!/\d/.test(text) || text.length > longestLine || file.isComment(line)) continue;
      const numbers = numbersIn(text);
      for (const number of numbers) {
        if (number.name === undefined || number.name.length < 2) continue;
        // A name with several numbers is a list or a formula; which of them is the one nobody can tell.
        if (numbers.some((other) => other !== number && other.name === number.name)) continue;
        if (file.kindAt(line, number.column) === 'string' && !isAmount(text, number)) continue;
        found.push({
          ...number,
          name: number.name,
          stems: stemsOf(number.name.split('.').at(-1) ?? number.name),
          file: file.path,
          line,
        });
      }
    }
  }
  return found;
}
