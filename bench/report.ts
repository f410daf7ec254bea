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

export const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

/** Prints a table and one summary line; gives true where every goal is met. */
export function report(title: string, unit: string, rows: readonly Row[]): boolean {
  const cells = rows.map(({ name, ours, peer, ratio, goal }) => [
    name,
    `${ours.toFixed(2)} ${unit}`,
    `${peer.toFixed(2)} ${unit}`,
    `${ratio.toFixed(2)} x`,
    goal === undefined ? '-' : `<= ${goal} x ${ratio <= goal ? 'met' : 'MISSED'}`,
  ]);
  const table = [['', 'Gatehouse', 'peer', 'ratio', 'goal'], ...cells];
  const widths =
    table[0]?.map((_, column) => Math.max(...table.map((line) => line[column]?.length ?? 0))) ?? [];
  console.log(`\n${title}\n`);
  for (const line of table)
    console.log(
      line
        .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
        .join('   '),
    );
  const missed = rows.filter(({ ratio, goal }) => goal !== undefined && ratio > goal);
  const judged = rows.filter(({ goal }) => goal !== undefined);
  const worst = Math.max(...judged.map(({ ratio }) => ratio));
  console.log(
    `\nbench: ${judged.length - missed.length} of ${judged.length} goals met, worst judged ratio ${worst.toFixed(2)} x`,
  );
  return missed.length === 0;
}
