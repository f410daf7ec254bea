import { wrap } from '../output/wrap.ts';
import { options } from './optionTable.ts';
import { reportFiles } from './reports.ts';

const column = 26;

/** What `--help` prints. */
export function helpText(): string {
  const groups = [...new Set(options.map(([, { group }]) => group))].map((group) => {
    const lines = options
      .filter(([, option]) => option.group === group)
      .flatMap(([name, option]) => entry(name, option));
    return `${group}:\n${lines.join('\n')}`;
  });
  return `Usage: gatehouse-audit [DIR] --hld FILE [options]

Audits the files in DIR (the current folder if none is given) against their High-Level Design.
In a git work tree these are all files that git does not ignore, committed or not.

${groups.join('\n\n')}

Reports: ${Object.keys(reportFiles).join(', ')}

Environment:
  GATEHOUSE_URL           where Gatehouse is: https://YOUR-APP.azurewebsites.net
  GATEHOUSE_KEY           a function key of it; needed by all but a service on this machine
  NO_COLOR                no colours, whatever it is set to

Exit code: 0 the gate passed, 1 the gate failed, 2 no verdict (wrong use, unreachable, any error).
`;
}

function entry(name: string, { short, value, help }: (typeof options)[number][1]): string[] {
  const left = `  ${short ? `-${short}, ` : ''}--${name}${value ? ` ${value}` : ''}`;
  const [first = '', ...rest] = wrap(help, 100 - column);
  const indent = ' '.repeat(column);
  const head = left.length + 2 > column ? [left, `${indent}${first}`] : [left.padEnd(column) + first];
  return [...head, ...rest.map((line) => `${indent}${line}`)];
}
