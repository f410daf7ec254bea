/**
 * Route templates as ASP.NET reads them: `items/{id:int}/{name?}`, `files/{*rest}`, `len/{x:length(3)}`.
 * A template is compiled once; matching is pure.
 */

export interface RouteTemplate {
  /** Names of every parameter in the template, whether a request filled them or not. */
  readonly parameters: readonly string[];
  /** Gives the parameters' values, or undefined where the path does not fit. `path` is decoded, without leading slash. */
  match(path: string): Record<string, string> | undefined;
}

type Check = (value: string) => boolean;

interface Parameter {
  name: string;
  catchAll: boolean;
  optional: boolean;
  fallback: string | undefined;
  checks: Check[];
}

const between = (min: number, max: number) => (value: number) => value >= min && value <= max;
const integer = (value: string) => (/^[+-]?\d+$/.test(value) ? Number(value) : Number.NaN);
const decimal: Check = (value) => /^[+-]?\d+(\.\d+)?$/.test(value);
const numbers = (args: string) => args.split(',').map(Number) as [number, number?];

const constraints: Record<string, (args: string) => Check> = {
  int: () => (v) => between(-(2 ** 31), 2 ** 31 - 1)(integer(v)),
  long: () => (v) => between(-(2 ** 63), 2 ** 63)(integer(v)),
  bool: () => (v) => /^(true|false)$/i.test(v),
  datetime: () => (v) => !Number.isNaN(Date.parse(v)),
  decimal: () => decimal,
  double: () => decimal,
  float: () => decimal,
  guid: () => (v) => /^\{?[\da-f]{8}-?([\da-f]{4}-?){3}[\da-f]{12}\}?$/i.test(v),
  alpha: () => (v) => /^[a-z]*$/i.test(v),
  required: () => (v) => v !== '',
  minlength: (args) => (v) => v.length >= Number(args),
  maxlength: (args) => (v) => v.length <= Number(args),
  length: (args) => {
    const [min, max = min] = numbers(args);
    return (v) => between(min, max)(v.length);
  },
  min: (args) => (v) => integer(v) >= Number(args),
  max: (args) => (v) => integer(v) <= Number(args),
  range: (args) => {
    const [min, max = min] = numbers(args);
    return (v) => between(min, max)(integer(v));
  },
  regex: (args) => {
    const pattern = new RegExp(args, 'i');
    return (v) => pattern.test(v);
  },
};

function toCheck(text: string): Check {
  const [, name = '', args = ''] = /^(\w+)(?:\((.*)\))?$/s.exec(text) ?? [];
  const make = constraints[name.toLowerCase()];
  if (!make) throw new Error(`unknown route constraint "${text}"`);
  return make(args);
}

/** Splits `name:int:range(1,5)` at the colons that are not inside brackets. */
function splitConstraints(text: string): string[] {
  return text.match(/(?:\((?:[^()]|\([^()]*\))*\)|[^:])+/g) ?? [];
}

function toParameter(text: string): Parameter {
  const stars = /^\*{0,2}/.exec(text)?.[0].length ?? 0;
  const body = text.slice(stars);
  const optional = body.endsWith('?');
  const [declared = '', fallback] = (optional ? body.slice(0, -1) : body).split('=', 2);
  const [name = '', ...checks] = splitConstraints(declared);
  if (declared.startsWith(':') || !/^[\w-]+$/.test(name))
    throw new Error(`"{${text}}" does not name a route parameter`);
  return { name, catchAll: stars > 0, optional, fallback, checks: checks.map(toCheck) };
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** One part between slashes, for instance `file-{name}.{ext}`: its pattern and its parameters in order. */
function compileSegment(segment: string): { pattern: RegExp; parameters: Parameter[] } {
  const parameters: Parameter[] = [];
  const pattern = segment
    .split(/(\{(?:[^{}]|\{[^{}]*\})*\})/)
    .map((piece) => {
      if (!piece.startsWith('{')) return escaped(piece);
      parameters.push(toParameter(piece.slice(1, -1)));
      return '(.+)';
    })
    .join('');
  return { pattern: new RegExp(`^${pattern}$`, 'is'), parameters };
}

function take(parameter: Parameter, value: string | undefined, into: Record<string, string>): boolean {
  const given = value === undefined || value === '' ? parameter.fallback : value;
  if (given === undefined) return parameter.optional || parameter.catchAll;
  into[parameter.name] = given;
  return parameter.checks.every((check) => check(given));
}

/** @throws Error for a template ASP.NET would refuse: an unknown constraint or a nameless parameter. */
export function parseRouteTemplate(template: string): RouteTemplate {
  const segments = template.split('/').filter(Boolean).map(compileSegment);
  const last = segments.at(-1);
  const catchAll = last?.parameters[0]?.catchAll ? last.parameters[0] : undefined;
  const fixed = catchAll ? segments.slice(0, -1) : segments;

  function match(path: string): Record<string, string> | undefined {
    const parts = path === '' ? [] : path.split('/');
    if (!catchAll && parts.length > 1 && parts.at(-1) === '') parts.pop();
    if (parts.length > fixed.length && !catchAll) return undefined;

    const params: Record<string, string> = {};
    for (const [i, segment] of fixed.entries()) {
      const part = parts[i];
      const [only] = segment.parameters;
      if (part === undefined) {
        if (!only || segment.parameters.length > 1 || !take(only, undefined, params)) return undefined;
        continue;
      }
      const found = segment.pattern.exec(part);
      if (!found) return undefined;
      const values = found.slice(1);
      if (!segment.parameters.every((parameter, n) => take(parameter, values[n], params))) return undefined;
    }
    if (catchAll) {
      const rest = parts.slice(fixed.length);
      if (rest[0] === '' && rest.length > 1) return undefined;
      if (!take(catchAll, rest.length === 0 ? undefined : rest.join('/'), params)) return undefined;
    }
    return params;
  }

  return { parameters: segments.flatMap((s) => s.parameters.map((p) => p.name)), match };
}
