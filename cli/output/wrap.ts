// biome-ignore lint/suspicious/noControlCharactersInRegex: escape sequences begin with one
const painted = /\u001b\[\d+m/g;

const lengthOf = (text: string) => [...text.replace(painted, '')].length;

/** Words in lines of at most `width` characters, colours not counted; a word longer than that has a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line !== '' && lengthOf(line) + 1 + lengthOf(word) > width) {
      lines.push(line);
      line = '';
    }
    line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
