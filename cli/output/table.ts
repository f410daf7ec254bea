import type { Screen } from './screen.ts';
import { wrap } from './wrap.ts';

const labelWidth = 10;
const indent = 2;

/** A label and a text beside it, wrapped under itself. */
export function row(screen: Screen, label: string, text: string): void {
  const { style, width } = screen;
  const lines = wrap(text, width - indent - labelWidth);
  for (const [i, line] of lines.entries())
    screen.line(`${' '.repeat(indent)}${style.dim((i === 0 ? label : '').padEnd(labelWidth))}${line}`);
}
