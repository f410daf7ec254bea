import { type Quantity, quantitiesOf } from './quantities.ts';
import type { Statement } from './statements.ts';

/** A route that a statement names. */
export interface RouteClaim {
  /** Upper case; undefined where the statement names none. */
  method: string | undefined;
  path: string;
}

/** A name that a statement uses and that can be looked for in code. */
export interface NameClaim {
  text: string;
  kind: 'setting' | 'file' | 'identifier' | 'phrase' | 'value';
  /** False where its absence tells little: values, commands, names that prose writes large. */
  firm: boolean;
}

/** A value that a statement gives to a name: `PORT` defaults to 8080. */
export interface ValueClaim {
  name: string;
  value: string;
}

/** What of a statement can be checked by itself. */
export interface Claims {
  routes: RouteClaim[];
  names: NameClaim[];
  quantities: Quantity[];
  values: ValueClaim[];
  /** Things told one after the other (`a, b and c`), with the subject they are said of. */
  list: { subject: string; items: string[] } | undefined;
}

const mostNames = 25;
const mostRoutes = 25;
const methodOrPath =
  /\b(GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b|(?<![\w./<:})-])(\/(?:[\w{:<*$[.~@-][^\s`"',;|)]*)?)(?=[\s`"',;.|)]|$)/g;
const betweenMethods = /^(?:[\s`*"'|,/:—–-]|and|or|on|at|to|requests?|https?)*$/;
const fileName =
  /^(?:[\w@.-]+\/)*[\w@.-]+\.(?:[cm]?[jt]sx?|py|go|rb|java|cs|kt|rs|php|sql|ya?ml|json|toml|md|html|css|sh|proto|tf|xml|vue|swift|csproj|ini|cfg|env)$|^(?:[\w@.-]+\/)+$/;
const settingName = /^[A-Z][A-Z0-9]*(?:_+[A-Z0-9]+)+$/;
const identifierName = /^[@#$.]?[A-Za-z_$][\w$]*(?:(?:\.|::|->|#)[A-Za-z_$][\w$]*)*(?:\(.*\))?$/;
const valueText =
  /^(?:[-+]?[\d.,_]+\s*(?:%|[a-zA-Z]{1,3})?|true|false|null|none|nil|undefined|"[^"]*"|'[^']*'|yes|no)$/i;
const proseName =
  /(?<![\w/.-])(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+|[a-z][a-z0-9]*(?:_[a-z0-9]+)+|X-[A-Z][\w-]+)(?![\w/-]|\.\w)/g;
const largeName =
  /(?<![\w/.-])(?:[A-Z][a-z0-9]+(?:[A-Z][a-z0-9]+)+|[A-Z]{4,}\d*|[A-Z]{2,}\d{2,})(?![\w/-]|\.\w)/g;
const acronym =
  /^(?:HTTPS?|JSON|HTML|XHTML|UUID|ASCII|YAML|TOML|REST|CRUD|SMTP|IMAP|SHALL|MUST|SHOULD|ONLY|NEVER|POST|HEAD|PATCH|DELETE|OPTIONS|UTF|CORS|CSRF|IETF|ISO\d*|RFC\d*|NOTE|TODO|WARNING)$/;
const namingHeader =
  /^(?:(?:config(?:uration)?|env(?:ironment)?) ?(?:key|variable|option)?|variables?|settings?|keys?|parameters?|params?|options?|fields?|columns?|propert(?:y|ies)|attributes?|members?|names?|events?|queues?|topics?|tables?|containers?|headers?|flags?|codes?|states?|status(?:es)?|types?|class(?:es)?|modules?|files?|functions?|roles?|metrics?|jobs?|commands?|enum|values?)(?: name)?$/i;
const defaulted =
  /(?:`([^`]+)`|\b([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+|PORT)\b)[^.`]{0,60}?(?:defaults? to|default(?:ing)? (?:to|is|of|value)|by default|=|set to)\s*(?:is |of |to )?(?:`([^`]+)`|"([^"]+)"|(\d[\d,._]*))/gi;

/** Reads out of a statement what can be looked up in code one by one. */
export function claimsOf(statement: Statement): Claims {
  const { requirement, cells } = statement;
  const routes = routesIn(cells.length > 0 ? methodsFirst(cells).join(' | ') : requirement);
  const spent = new Set(routes.flatMap(({ method, path }) => [path, `${method} ${path}`, method ?? path]));
  const names = new Map<string, NameClaim>();
  const add = (claim: NameClaim | undefined) => {
    if (claim && !spent.has(claim.text) && !names.has(claim.text) && names.size < mostNames)
      names.set(claim.text, claim);
  };
  for (const [, marked = ''] of requirement.matchAll(/`([^`]+)`/g)) {
    const isRoute = routes.some(
      ({ path }) => marked.includes(path) && /^(?:[A-Z]+(?:[,\s|/]+[A-Z]+)*\s+)?\//.test(marked),
    );
    if (!isRoute && !/^(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)$/.test(marked)) add(nameOf(marked));
  }
  for (const name of cellNames(statement)) add(nameOf(name));
  const prose = routes.reduce(
    (text, { path }) => text.replaceAll(path, ' '),
    requirement.replace(/`[^`]*`/g, ' '),
  );
  for (const [name] of prose.matchAll(proseName)) add(nameOf(name));
  for (const [name] of prose.matchAll(largeName))
    if (!acronym.test(name)) add({ text: name, kind: 'identifier', firm: false });
  return {
    routes,
    names: [...names.values()],
    quantities: quantitiesOf(
      requirement.replace(/`([^`]*)`/g, (_, marked: string) => (/^\d/.test(marked) ? marked : ' ')),
    ),
    values: valuesIn(statement),
    list: listIn(requirement),
  };
}

/** The cells of a row; one with nothing but methods goes before the others, as it may stand behind the path. */
function methodsFirst(cells: Statement['cells']): string[] {
  const texts = cells.map(({ text }) => text);
  const methods = texts.filter((text) =>
    /^[`*]*(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b[\s`*,/A-Z]*$/.test(text),
  );
  return [...methods, ...texts.filter((text) => !methods.includes(text))];
}

/** Routes with their methods; several methods before one path (`GET`, `PUT /x`) each make a route. */
function routesIn(text: string): RouteClaim[] {
  const found: RouteClaim[] = [];
  let methods: string[] = [];
  let end = 0;
  for (const { 0: whole, 1: method, 2: path, index } of text.matchAll(methodOrPath)) {
    if (!betweenMethods.test(text.slice(end, index))) methods = [];
    end = index + whole.length;
    if (method) methods.push(method);
    else if (path && found.length < mostRoutes) {
      const clean = path.replace(/[.,:;]+$/, '');
      if (isRoute(clean, methods.length > 0))
        found.push(
          ...(methods.length > 0 ? methods : [undefined]).map((one) => ({ method: one, path: clean })),
        );
      methods = [];
    }
  }
  return found;
}

const isRoute = (path: string, hasMethod: boolean) =>
  hasMethod ||
  (path.length > 1 &&
    !fileName.test(path.slice(1)) &&
    !/^\/(?:usr|etc|var|tmp|home|opt|dev|proc|bin|mnt|root)\b/.test(path) &&
    !/\/[a-z]*$/i.test(path.slice(1).replace(/[\w/{}:<>*.-]/g, '')));

/** What a text in code marks is the name of. */
function nameOf(marked: string): NameClaim | undefined {
  const text = marked.trim();
  if (!/\w/.test(text) || text.length > 120) return undefined;
  if (valueText.test(text)) return { text, kind: 'value', firm: false };
  if (fileName.test(text)) return { text, kind: 'file', firm: true };
  if (settingName.test(text)) return { text, kind: 'setting', firm: true };
  if (identifierName.test(text)) return { text: text.replace(/\(.*\)$/, ''), kind: 'identifier', firm: true };
  const isPlain = /^[\w@/.:+-]+$/.test(text);
  return { text, kind: isPlain ? 'identifier' : 'phrase', firm: isPlain && !/[*…]/.test(text) };
}

/** The names in the first cell of a row below a header such as `Field`, marked or not. */
function cellNames({ cells }: Statement): string[] {
  const [first] = cells;
  if (!first || !namingHeader.test(first.header.replace(/[*_`]/g, '').trim())) return [];
  const text = first.text.replace(/[*`]/g, '').trim();
  return /^[A-Za-z_][\w.:-]*$/.test(text) && /^(?![A-Z][a-z]+$)/.test(text) ? [text] : [];
}

function valuesIn({ requirement, cells }: Statement): ValueClaim[] {
  const fallback = cells
    .find(({ header }) => /^default/i.test(header))
    ?.text.replace(/[`"*]/g, '')
    .trim();
  const name = cells[0]?.text.replace(/[`*]/g, '').trim();
  if (
    fallback &&
    name &&
    /^[\w./:,+-]+(?: \w+)?$/.test(fallback) &&
    !/^(?:none|n\/a|no|-+|—|empty|required|yes|unset)$/i.test(fallback)
  )
    return [{ name, value: fallback }];
  return [...requirement.matchAll(defaulted)]
    .map(([, marked, plain, inMarks, quoted, number]) => ({
      name: marked ?? plain ?? '',
      value: inMarks ?? quoted ?? number?.replace(/[.,]$/, '') ?? '',
    }))
    .filter(({ name: of, value }) => /^[\w.-]+$/.test(of) && value !== '');
}

/** Verbs that say what belongs to a thing, and those that list what it can be or gives. */
const introduces =
  /\b(has|have|contains?|holds?|includes?|consists? of|stores?|records?|carr(?:y|ies)|is one of|one of|is either|fields?|columns?|following|namely)\b:?\s+/gi;

/** A list of three short things or more, and what stands before the verb that introduces it. */
function listIn(text: string): Claims['list'] {
  const clean = text.replace(/\([^()]*\)/g, ' ').replaceAll('`', '');
  for (const { 0: verb, index } of clean.matchAll(introduces)) {
    const rest = clean.slice(index + verb.length).split(/[.;:—]/)[0] ?? '';
    const items = rest
      .split(/\s*,\s*(?:and |or )?|\s+(?:and|or)\s+/)
      .map((item) =>
        item.replace(/^(?:a|an|the|its|his|her|their|either|optional|optionally)\s+/i, '').trim(),
      )
      .filter(Boolean);
    if (!/,/.test(rest) || items.length < 3) continue;
    const short = items.findIndex((item) => item.split(/\s+/).length > 3);
    const kept = short < 0 ? items : items.slice(0, short);
    if (kept.length >= 3) return { subject: clean.slice(0, index), items: kept };
  }
  return undefined;
}
