import { longestLine } from '../retrieval/declaration.ts';
import type { IndexedFile } from '../retrieval/indexedFile.ts';
import type { Turns } from '../turns.ts';
import { dispatchedRoutes } from './dispatchedRoutes.ts';
import { openApiRoutes } from './openApiRoutes.ts';
import type { Mount, Route } from './route.ts';
import { formsOf, plainPath } from './routePath.ts';

/** What a tree registers, before it is put together. */
export interface Registered {
  routes: Route[];
  mounts: Mount[];
}

const quoted = `(?:'([^'\\n]*)'|"([^"\\n]*)"|\`([^\`\\n]*)\`)`;
const verbs = 'get|post|put|patch|delete|head|options|all|any';
/** What asks others rather than being asked. */
const clients =
  /(?:^|\.)(?:axios|https?|client|api|request|supertest|agent|got|ky|session|requests|httpx|cache|map|headers|params|config|storage|fetch|nock|http_?client|rest_?template|webclient|page|cy)$/i;

const called = new RegExp(
  `([@\\w$.)\\]]*)(?:\\.|::)(${verbs})\\s*(?:<[^<>]*>)?\\(\\s*${quoted}\\s*([,)])`,
  'i',
);
const bare = new RegExp(
  `^\\s*(get|post|put|patch|delete)\\s*\\(?\\s*${quoted}\\s*(?:,|=>|do\\b|\\)?\\s*\\{|$)`,
);
const annotated =
  /^\s*[@[#]+\s*(?:Http)?(Get|Post|Put|Patch|Delete|Head|Options|Request)(Mapping)?\b\s*(?:\(([^)]*)\)?)?/i;
const decorated = new RegExp(
  `^\\s*@[\\w.]*\\.?(?:route|api_route)\\(\\s*(?:route\\s*=\\s*|path\\s*=\\s*)?${quoted}(.*)$`,
);
const handled = new RegExp(
  `\\b(?:HandleFunc|Handle|handle_func|Map|MapMethods|add_route|add_url_rule)\\(\\s*${quoted}(.*)$`,
);
const mapped = new RegExp(`\\.Map(Get|Post|Put|Patch|Delete)\\(\\s*${quoted}`);
const django = new RegExp(`^\\s*(?:re_)?(?:path|url)\\(\\s*r?${quoted}\\s*,\\s*(.*)$`);
const keyed = new RegExp(`(?:^|[{,(\\s])(?:['"]?(?:route|url|path)['"]?\\s*[:=]|Route\\s*=)\\s*${quoted}`);
const chained = new RegExp(`\\.route\\(\\s*${quoted}\\s*\\)`);
const mount = new RegExp(
  `(?:\\.(?:use|route|register|register_blueprint|include_router|mount|Group|group|MapGroup|PathPrefix|basePath|setGlobalPrefix|prefix|nest)|APIRouter|Blueprint|Router)\\(\\s*(?:.*\\b(?:prefix|url_prefix)\\s*[:=]\\s*)?${quoted}`,
);
const prefixKey = new RegExp(
  `\\b(?:prefix|url_prefix|routePrefix|basePath|context-path)["']?\\s*[:=]\\s*${quoted}`,
);
const classPrefix = new RegExp(
  `^\\s*[@[]\\s*(?:Controller|Route|RequestMapping|RoutePrefix|Path|ApplicationPath)\\(\\s*(?:(?:value|path)\\s*=\\s*)?${quoted}`,
);
const resources = /^\s*resources?\s+:(\w+)/;
const trigger = new RegExp(
  `\\b(?:${verbs}|route|routes|path|url|mapping|request|handle|handlefunc|map\\w*|use|group|prefix|controller|resources?|http\\w*|mount|register\\w*|include_router|blueprint|apirouter|router|add_\\w+|url_prefix|routeprefix|basepath|methods?|\\w+mapping)\\b`,
  'i',
);

const firstOf = (match: RegExpExecArray | RegExpMatchArray, from: number): string =>
  match[from] ?? match[from + 1] ?? match[from + 2] ?? '';

const methodsIn = (text: string): string[] => [
  ...new Set(
    [...text.matchAll(/\b(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)\b/gi)].map(([, verb = '']) =>
      verb.toUpperCase(),
    ),
  ),
];

/** Reads every file for the routes it registers, by the forms of the usual frameworks. */
export async function routesOf(files: readonly IndexedFile[], turns: Turns): Promise<Registered> {
  const found: Registered = { routes: [], mounts: [] };
  for (const file of files) {
    if (file.isTest) continue;
    await readFile(file, found, turns);
    for (const route of [...dispatchedRoutes(file), ...openApiRoutes(file)]) found.routes.push(route);
    await turns.giveWay();
  }
  const seen = new Set<string>();
  found.routes = found.routes.filter(({ method, segments, file }) => {
    const key = `${method} ${plainPath(segments)} ${file}`;
    return !seen.has(key) && seen.add(key);
  });
  return found;
}

async function readFile(file: IndexedFile, found: Registered, turns: Turns): Promise<void> {
  let own: string[][] = [];
  for (let number = 0; number < file.lineCount; number++) {
    if (number % 64 === 0) await turns.giveWay();
    const line = file.line(number);
    if (line.length > longestLine || !trigger.test(line) || file.isComment(number)) continue;
    const whole = /[({[]\s*$/.test(line)
      ? `${line.trimEnd()}${file
          .line(number + 1)
          .trim()
          .slice(0, longestLine)}`
      : line;
    found.mounts.push(...mountsOf(whole, file.path));
    const prefix = classPrefix.exec(line);
    if (prefix && isClassAhead(file, number)) {
      own = formsOf(firstOf(prefix, 1).replace(/\[controller\]/i, () => controllerName(file, number)));
      continue;
    }
    const around = () => Array.from({ length: 13 }, (_, i) => file.line(number - 4 + i)).join('\n');
    for (const { method, path, receiver } of registered(whole, around, file)) {
      const isRooted = /^~?\//.test(path);
      for (const segments of formsOf(path.replace(/^~/, ''))) {
        const withOwn = own.length > 0 && !(isRooted && /\.cs$/.test(file.path)) ? own : [[]];
        for (const start of withOwn)
          found.routes.push({
            method,
            segments: [...start, ...segments],
            file: file.path,
            line: number,
            receiver,
          });
      }
    }
  }
}

function mountsOf(line: string, file: string): Mount[] {
  const match = chained.test(line) ? null : (mount.exec(line) ?? prefixKey.exec(line));
  const path = match ? firstOf(match, 1) : '';
  if (!match || !/^[\w/{}:<>.-]+$/.test(path) || path === '/') return [];
  const call = line.slice(0, match.index + match[0].length);
  const assigned = /^\s*(?:(?:export|const|let|var|final|auto)\s+)*([\w$]+)\s*(?::=|=)(?!=)/.exec(line)?.[1];
  const receiver = /([\w$]+)\s*\.\w+\([^()]*$/.exec(call)?.[1];
  const inside =
    /(?:include_router|register_blueprint|use|register|mount)\(\s*(?:['"`][^'"`]*['"`]\s*,\s*)?(.*)$/.exec(
      line,
    )?.[1];
  const isGroup = /\.(?:Group|group|MapGroup|PathPrefix)\(/.test(line);
  const target = isGroup || inside === undefined ? undefined : targetOf(inside);
  return formsOf(path).map((segments) => ({ segments, file, receiver, assigned, target }));
}

/** The last thing a mounting call is given, as others stand before it: `requireUser, ordersRouter`, `orders(store)`. */
function targetOf(inside: string): string | undefined {
  const required = /require\(\s*['"][^'"]+['"]\s*\)/.exec(inside)?.[0];
  if (required) return required;
  const given = topLevel(inside).filter((argument) => !/^(?:\w+\s*=[^=]|\{)/.test(argument));
  return /^(?:new\s+|await\s+)?([A-Za-z_$][\w$.]*)/.exec(given.at(-1) ?? '')?.[1];
}

/** The arguments of a call, from behind its opening bracket up to the closing one. */
function topLevel(inside: string): string[] {
  const found = [''];
  let depth = 0;
  for (const char of inside) {
    if ('([{'.includes(char)) depth++;
    if (')]}'.includes(char) && --depth < 0) break;
    if (char === ',' && depth === 0) found.push('');
    else found[found.length - 1] += char;
  }
  return found.map((argument) => argument.trim()).filter(Boolean);
}

const isClassAhead = (file: IndexedFile, number: number) =>
  Array.from({ length: 6 }, (_, i) => file.line(number + 1 + i)).some((line) =>
    /^\s*(?:(?:export|default|public|abstract|final|sealed|internal|partial)\s+)*(?:class|interface)\s/.test(
      line,
    ),
  );

function controllerName(file: IndexedFile, number: number): string {
  for (let i = 1; i < 7; i++) {
    const name = /\bclass\s+(\w+?)(?:Controller)?\b(?=\W|$)/.exec(file.line(number + i))?.[1];
    if (name) return name.replace(/Controller$/, '');
  }
  return '';
}

interface Registration {
  method: string | undefined;
  path: string;
  receiver?: string | undefined;
}

const receiverIn = (text: string) => /([\w$]+)\W*(?:\.\w+\(.*)?$/.exec(text)?.[1];

/** The registrations of a line, by the first form that fits. */
function registered(line: string, around: () => string, file: IndexedFile): Registration[] {
  const each = (methods: readonly string[], path: string, receiver?: string): Registration[] =>
    methods.length === 0
      ? [{ method: undefined, path, receiver }]
      : methods.map((method) => ({ method, path, receiver }));
  const decoration = decorated.exec(line);
  if (decoration) {
    const methods = methodsIn(decoration[4] ?? '');
    return each(methods.length === 0 ? ['GET'] : methods, firstOf(decoration, 1), receiverIn(line));
  }
  const call = called.exec(line);
  if (call && isServer(call, line)) {
    const verb = (call[2] ?? '').toUpperCase();
    return each(/^(?:ALL|ANY)$/.test(verb) ? [] : [verb], firstOf(call, 3), receiverIn(call[1] ?? ''));
  }
  const csharp = mapped.exec(line);
  if (csharp)
    return each(
      [(csharp[1] ?? '').toUpperCase()],
      firstOf(csharp, 2),
      receiverIn(line.slice(0, csharp.index)),
    );
  const annotation = annotated.exec(line);
  if (annotation) return annotations(annotation, line, around);
  const handle = handled.exec(line);
  if (handle) return handles(firstOf(handle, 1), handle[4] ?? '', line);
  const chain = chained.exec(line);
  if (
    chain &&
    /^\//.test(firstOf(chain, 1)) &&
    !/,/.test(line.slice(chain.index, chain.index + chain[0].length))
  )
    return each(
      [
        ...around()
          .split('\n')
          .slice(4)
          .join('\n')
          .matchAll(/\.(get|post|put|patch|delete)\(/g),
      ].map(([, verb = '']) => verb.toUpperCase()),
      firstOf(chain, 1),
    );
  const rails = resources.exec(line);
  if (rails && /\.rb$/.test(file.path)) return restful(rails[1] ?? '');
  const urls = django.exec(line);
  if (urls && /\.py$/.test(file.path) && !/include\(/.test(urls[4] ?? ''))
    return each([], `/${firstOf(urls, 1)}`);
  const alone = bare.exec(line);
  if (alone && /\.(?:rb|kts?)$/.test(file.path))
    return each([(alone[1] ?? '').toUpperCase()], firstOf(alone, 2));
  return described(line, around);
}

function isServer(call: RegExpExecArray, line: string): boolean {
  const receiver = call[1] ?? '';
  const path = firstOf(call, 3);
  if (clients.test(receiver.replace(/^@/, '')) && !receiver.startsWith('@')) return false;
  if (receiver.startsWith('@')) return path === '' || path.startsWith('/');
  return (
    call[6] === ',' &&
    /^(?:\/|\*$)/.test(path) &&
    !/\bawait\b|=\s*await|\.then\(/.test(line.slice(0, call.index))
  );
}

/** Attributes and annotations of classes' methods: Spring, NestJS, ASP.NET, JAX-RS, Actix. */
function annotations(match: RegExpExecArray, line: string, around: () => string): Registration[] {
  const [, verb = '', , args = ''] = match;
  const path = /['"`]([^'"`]*)['"`]/.exec(args)?.[1] ?? nearbyPath(line, around) ?? '';
  if (!/^request$/i.test(verb)) return [{ method: verb.toUpperCase(), path }];
  if (!/mapping/i.test(match[2] ?? '')) return [];
  const methods = methodsIn(args);
  return methods.length === 0 ? [{ method: undefined, path }] : methods.map((method) => ({ method, path }));
}

/** The path that stands in an attribute of its own beside a bare one: `@GET` with `@Path("/x")`, `[HttpGet]` with `[Route("x")]`. */
function nearbyPath(line: string, around: () => string): string | undefined {
  const lines = around().split('\n');
  const at = lines.indexOf(line);
  return [lines[at - 1], lines[at + 1], lines[at - 2], lines[at + 2]]
    .map((other) => /^\s*[@[](?:Path|Route)\(\s*"([^"]*)"/.exec(other ?? '')?.[1])
    .find((path) => path !== undefined);
}

function handles(pattern: string, rest: string, line: string): Registration[] {
  const prefixed = /^([A-Z]+)\s+(?:[\w.-]+)?(\/.*)$/.exec(pattern);
  if (prefixed) return [{ method: prefixed[1], path: prefixed[2] ?? '' }];
  const first = /^\s*,\s*["']([^"']+)["']/.exec(rest)?.[1];
  if (/^[A-Z]+$/.test(pattern) && first?.startsWith('/')) return [{ method: pattern, path: first }];
  if (!pattern.startsWith('/')) return [];
  const methods = /\.Methods\(|methods\s*=|MapMethods/.test(line) ? methodsIn(rest) : [];
  return methods.length === 0
    ? [{ method: undefined, path: pattern }]
    : methods.map((method) => ({ method, path: pattern }));
}

const restful = (name: string): Registration[] => [
  { method: 'GET', path: `/${name}` },
  { method: 'POST', path: `/${name}` },
  { method: 'GET', path: `/${name}/:id` },
  { method: 'PUT', path: `/${name}/:id` },
  { method: 'PATCH', path: `/${name}/:id` },
  { method: 'DELETE', path: `/${name}/:id` },
];

/** Registrations told as an object: `{ method: 'GET', url: '/x' }`, Azure Functions' `{ methods: ['GET'], route: 'x' }`. */
function described(line: string, around: () => string): Registration[] {
  const match = keyed.exec(line);
  if (!match) return [];
  const path = firstOf(match, 1);
  const beside = methodsOf(line) ?? methodsOf(around());
  const isAzure =
    /\broute\s*[:=]|\bRoute\s*=/.test(line) &&
    /HttpTrigger|authLevel|methods|http\(/.test(`${line}${around()}`);
  if (!beside || !(path.startsWith('/') || isAzure) || /\s|\$\{/.test(path)) return [];
  return beside.map((method) => ({ method, path }));
}

function methodsOf(text: string): string[] | undefined {
  const match =
    /\bmethods?['"]?\s*[:=]\s*(\[[^\]]*\]|['"`]\w+['"`]|\w*\.\w+)/i.exec(text)?.[1] ??
    /HttpTrigger\(([^)]*)\)/.exec(text)?.[1];
  const found = match === undefined ? [] : methodsIn(match);
  return found.length > 0 ? found : undefined;
}
