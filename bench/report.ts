/** One measured line: ours beside its peer. */
export interface Row {
  name: string;
  ours: number;
  peer: number;
  /** Median of the rounds' own ratios, which noise of the machine hits on both sides alike. */
  ratio: number;
  /** Largest ratio that is good; undefined where the line is only reported. */
  goal?: number | undefined;
}

/** A figure and what it is held against. */
export interface Judged {
  name: string;
  value: number;
  is: '<=' | '>=';
  goal: number;
  /** Printed behind the goal, such as ` x`. */
  unit: string;
}

export const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

const isMet = ({ value, is, goal }: Judged) => (is === '<=' ? value <= goal : value >= goal);

/** `<= 1.5 x met`, or `-` where nothing is judged. */
export function verdict(judged: Judged | undefined): string {
  return judged ? `${judged.is} ${judged.goal}${judged.unit} ${isMet(judged) ? 'met' : 'MISSED'}` : '-';
}

/** Prints lines of cells under a title, the first `names` columns to the left, the others to the right. */
export function printTable(title: string, lines: readonly (readonly string[])[], names = 1): void {
  const widths =
    lines[0]?.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0))) ?? [];
  const cell = (text: string, i: number) =>
    i < names ? text.padEnd(widths[i] ?? 0) : text.padStart(widths[i] ?? 0);
  console.log(`\n${title}\n`);
  for (const line of lines) console.log(line.map(cell).join('   ').trimEnd());
}

/** Prints how many goals are met and names those that are not; gives true where every one is. */
export function conclude(judged: readonly Judged[]): boolean {
  const missed = judged.filter((one) => !isMet(one));
  console.log(`\nbench: ${judged.length - missed.length} of ${judged.length} goals met`);
  for (const one of missed)
    console.log(`missed: ${one.name}: ${one.value.toFixed(3)}${one.unit}, goal ${one.is} ${one.goal}`);
  return missed.length === 0;
}

/** Prints a table and one summary line; gives true where every goal is met. */
export function report(title: string, unit: string, rows: readonly Row[]): boolean {
  const judge = ({ name, ratio, goal }: Row): Judged | undefined =>
    goal === undefined ? undefined : { name, value: ratio, is: '<=', goal, unit: ' x' };
  const cells = rows.map((row) => [
    row.name,
    `${row.ours.toFixed(2)} ${unit}`,
    `${row.peer.toFixed(2)} ${unit}`,
    `${row.ratio.toFixed(2)} x`,
    verdict(judge(row)),
  ]);
  printTable(title, [['', 'Gatehouse', 'peer', 'ratio', 'goal'], ...cells]);
  const judged = rows.map(judge).filter((one) => one !== undefined);
  const met = judged.filter(isMet);
  const worst = Math.max(...judged.map(({ value }) => value));
  console.log(
    `\nbench: ${met.length} of ${judged.length} goals met, worst judged ratio ${worst.toFixed(2)} x`,
  );
  return met.length === judged.length;
}
