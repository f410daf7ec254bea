/** A path as its segments, parameters of whatever notation as `{}`, without query and trailing slash. */
export function segmentsOf(path: string): string[] {
  return path
    .replace(/^[a-z]+:\/\/[^/]+/i, '')
    .replace(/^\^|\$$/g, '')
    .replace(/[?#](?![)>]).*$/, (rest) => (/^\?(?:$|\/)/.test(rest) ? rest : ''))
    .split('/')
    .map((segment) => segment.trim())
    .filter((segment) => segment !== '')
    .map((segment) => (isParameter(segment) ? '{}' : segment.toLowerCase().replace(/\?$/, '')));
}

const isParameter = (segment: string) =>
  /[{<]|^:|^\[|^\$|^%[sd]|\(\?|\\[wd]/.test(segment) ||
  /^\*+\w*$/.test(segment) ||
  /^[^()]*\([^)]*\)/.test(segment);

/** The forms of a path, with and without its optional parts: `/a/{id?}`, `/a[/{id}]`, `/a/:id?`. */
export function formsOf(path: string): string[][] {
  const optional = /\[(\/[^[\]]*)\]|\/(?:\{[^{}]*\?\}|:\w+\?|\{\w+\?\})/;
  const match = optional.exec(path);
  if (!match) return [segmentsOf(path)];
  const { index } = match;
  const rest = path.slice(index + match[0].length);
  return [
    path.slice(0, index) + rest,
    path.slice(0, index) + (match[1] ?? match[0].replace('?', '')) + rest,
  ].map(segmentsOf);
}

/** A path as it is told to people and compared: `/orders/{}`. */
export const plainPath = (segments: readonly string[]): string => `/${segments.join('/')}`;
