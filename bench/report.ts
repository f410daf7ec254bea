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
