// Control characters, and those that reorder or hide what stands around them.
const unseen =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]+/g;

/**
 * Text from outside on one line, so that neither a terminal nor a pipeline takes any of it for a command: no control
 * characters, and no `##[` or `##vso[`, which Azure Pipelines and GitHub look for anywhere in a line.
 */
export function plain(text: string): string {
  return text
    .replace(/\s+/g, ' ')
    .replace(unseen, '?')
    .replace(/#(?=#(?:vso)?\[)/gi, '# ')
    .trim();
}

/** A line that GitHub would take for a command, `::name::`, made one that it does not. */
export function noCommand(line: string): string {
  return line.replace(/^(\s*)::/, '$1: :');
}

/** At most `width` characters, with an ellipsis where something was cut. */
export function shorten(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
}
