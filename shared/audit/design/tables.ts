/** The cells of a row written with bars; escaped bars and those in code marks do not part them. */
export function barCells(line: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let isCode = false;
  const body = line
    .trim()
    .replace(/^\|/, '')
    .replace(/\|\s*$/, '');
  for (let i = 0; i < body.length; i++) {
    const char = body[i] ?? '';
    if (char === '`') isCode = !isCode;
    if (char === '\\' && body[i + 1] === '|') {
      cell += '|';
      i++;
    } else if (char === '|' && !(isCode && body.indexOf('`', i) >= 0)) {
      cells.push(cell.trim());
      cell = '';
    } else cell += char;
  }
  return [...cells, cell.trim()];
}

/** True for the line between a table's header and its rows. */
export const isBarRule = (line: string): boolean =>
  line.includes('-') && /^[\s:|+=-]+$/.test(line) && /[|+]/.test(line);

/** The columns of a table drawn with rules only (`=====  ====`), as begin and end of each. */
export function ruleColumns(line: string): [from: number, to: number][] | undefined {
  if (!/^\s*={2,}(?:\s+={2,})+\s*$/.test(line)) return undefined;
  return [...line.matchAll(/=+/g)].map(({ 0: rule, index }) => [index, index + rule.length]);
}

/** The cells of a row below such a rule; the last column goes on to the line's end. */
export function ruledCells(line: string, columns: readonly [from: number, to: number][]): string[] {
  return columns.map(([from], i) => line.slice(from, columns[i + 1]?.[0] ?? line.length).trim());
}
