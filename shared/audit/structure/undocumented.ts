import { claimsOf } from '../design/claims.ts';
import type { Statement } from '../design/statements.ts';
import type { Finding } from '../finding.ts';
import { fingerprintOf } from '../fingerprint.ts';
import type { SourceFile } from '../sourceTree.ts';
import type { CodeStructure } from './codeStructure.ts';
import { formsOf } from './routePath.ts';
import { type KnownRoute, type RouteTable, routeName } from './routeTable.ts';
import type { ReadSetting } from './settings.ts';

/** Settings that the platform gives to every program. */
const ofPlatform =
  /^(?:NODE_ENV|NODE_OPTIONS|PATH|HOME|USER|PWD|CI|TZ|LANG|TERM|SHELL|TMP|TEMP|TMPDIR|HOSTNAME|DEBUG|NO_COLOR|FORCE_COLOR|PYTHONPATH|DJANGO_SETTINGS_MODULE|GITHUB_\w+|npm_\w+|WEBSITE_\w+|FUNCTIONS_\w+|AzureWebJobs\w*|ASPNETCORE_\w+|DOTNET_\w+|K_SERVICE|KUBERNETES_\w+|AWS_\w+)$/i;
const beside =
  /(?:^|\/)(?:examples?|samples?|demos?|scripts?|tools?|bench(?:marks?)?|fixtures?|migrations?)\//i;
const settingName = /^[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+$/;
/** A design that knows fewer of them does not mean to list them. */
const documentedShare = 0.3;
const isDocumented = (known: number, all: number) => known > 0 && known / all >= documentedShare;

/**
 * What the source offers and the design does not know: routes where the design has routes, settings where it has
 * settings.
 */
export function undocumentedIn(
  { routes, settings }: Pick<CodeStructure, 'routes' | 'settings'>,
  designs: readonly SourceFile[],
  statements: readonly Statement[],
): Finding[] {
  const text = designs.map((design) => design.text).join('\n');
  const isKnown = knownRoutes(statements, text, routes);
  const found = new Map<string, Finding>();
  const note = (finding: Finding) => {
    if (!found.has(finding.fingerprint)) found.set(finding.fingerprint, finding);
  };
  const strangers = routes.routes.filter((route) => !beside.test(route.file) && !isKnown(route));
  if (isDocumented(routes.routes.length - strangers.length, routes.routes.length))
    for (const route of strangers) note(routeFinding(route));
  const read = settings.filter(
    ({ name, file }) => settingName.test(name) && !ofPlatform.test(name) && !beside.test(file),
  );
  const unknown = read.filter(({ name }) => !text.includes(name));
  if (isDocumented(read.length - unknown.length, read.length))
    for (const setting of unknown) note(settingFinding(setting));
  return [...found.values()].sort((a, b) => (a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line));
}

function knownRoutes(
  statements: readonly Statement[],
  text: string,
  routes: RouteTable,
): (route: KnownRoute) => boolean {
  const claims = statements.flatMap((statement) => {
    // A method that is told anywhere in the statement of a path is known with it.
    const told = statement.requirement.match(/\b(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS)\b/g) ?? [];
    return claimsOf(statement).routes.flatMap((claim) => [
      claim,
      ...told.map((method) => ({ ...claim, method })),
    ]);
  });
  // Another method than the design's is told with the requirement, not as something of its own.
  const known = new Set(
    claims.flatMap(({ method, path }) => {
      const { exact, otherMethod } = routes.find(method, path);
      return exact.length > 0 ? exact : otherMethod;
    }),
  );
  const mentioned = [...text.matchAll(/(?<![\w.])\/[\w{:<[][\w/{}:<>.[\]*-]*/g)].flatMap(([path]) =>
    formsOf(path).map((form) => form.join('/')),
  );
  const written = new Set(mentioned);
  const ofDesign = new Set(claims.flatMap(({ path }) => formsOf(path).map((form) => form.join('/'))));
  // A path that the design tells without a method is known whatever the method.
  return (route) =>
    known.has(route) ||
    route.segments.some((segment) => segment === '*') ||
    route.paths.some(
      (path) => path.length === 0 || (written.has(path.join('/')) && !ofDesign.has(path.join('/'))),
    );
}

function settingFinding({ name, file, line }: ReadSetting): Finding {
  return {
    kind: 'undocumented',
    rule: 'setting',
    severity: 'low',
    message: `${file} reads the setting \`${name}\`, and the design does not know it.`,
    file,
    line: line + 1,
    fingerprint: fingerprintOf('undocumented', 'setting', name),
  };
}

function routeFinding(route: KnownRoute): Finding {
  const name = routeName(route);
  return {
    kind: 'undocumented',
    rule: 'route',
    severity: 'low',
    message: `${route.file} registers \`${name}\`, and the design does not know it.`,
    file: route.file,
    line: route.line + 1,
    fingerprint: fingerprintOf('undocumented', 'route', name),
  };
}
