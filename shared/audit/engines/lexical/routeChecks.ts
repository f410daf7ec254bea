import type { RouteClaim } from '../../design/claims.ts';
import { findName } from '../../retrieval/findName.ts';
import { plainPath, segmentsOf } from '../../structure/routePath.ts';
import { type KnownRoute, routeName } from '../../structure/routeTable.ts';
import type { Check, Place, Tree } from './check.ts';

/** As the design may name a route: `POST /orders/{}`. */
export const claimName = ({ method, path }: RouteClaim): string =>
  `${method ?? 'any'} ${plainPath(segmentsOf(path))}`;

const placeOf = ({ file, line }: KnownRoute): Place => ({ file, line });

/** Looks up a route that a statement names. */
export function checkRoute(claim: RouteClaim, tree: Tree): Check {
  const written = `\`${claim.method ? `${claim.method} ` : ''}${claim.path}\``;
  const { exact, otherMethod } = tree.structure.routes.find(claim.method, claim.path);
  const [first] = exact;
  if (first) {
    const says = `${written} is registered in ${first.file}`;
    return { state: 'found', isTelling: true, says, places: exact.slice(0, 2).map(placeOf) };
  }
  const stranger = otherMethod.find(({ method, paths }) =>
    paths.every(
      (path) => !tree.designRoutes.has(`${method} ${plainPath(path)}`) && !isDesigned(method, path, tree),
    ),
  );
  if (stranger)
    return {
      state: 'contradicted',
      isTelling: true,
      says: `the design has ${written}, and ${stranger.file} registers ${stranger.method} for this path`,
      places: [placeOf(stranger)],
    };
  const [sibling] = otherMethod;
  if (sibling)
    return {
      state: 'absent',
      isTelling: true,
      says: `no ${claim.method} is registered for \`${claim.path}\`, only ${[...new Set(otherMethod.map(({ method }) => method))].join(', ')}`,
      places: [],
    };
  if (claim.method === undefined || tree.structure.routes.routes.length === 0) {
    const literal = findPath(claim.path, tree);
    if (literal)
      return {
        state: 'found',
        isTelling: true,
        says: `\`${claim.path}\` stands in ${literal.file}`,
        places: [literal],
      };
  }
  const offered = tree.structure.routes.routes.length;
  const aside =
    offered === 0
      ? 'no route registrations were recognised at all'
      : `none of the ${offered} routes found in the source has this path`;
  const near = nearestRoute(claim, tree);
  return {
    state: offered === 0 ? 'near' : 'absent',
    isTelling: true,
    says: `nothing registers ${written} (${near ? `the nearest is \`${routeName(near)}\` in ${near.file}` : aside})`,
    places: [],
  };
}

const isDesigned = (method: string | undefined, path: readonly string[], { designRoutes }: Tree) =>
  path.some((_, i) => designRoutes.has(`${method} ${plainPath(path.slice(i))}`)) ||
  [...designRoutes].some((route) => route === `any ${plainPath(path)}`);

/** A path that code mentions without one of the forms of registration that are known. */
function findPath(path: string, { index }: Tree): Place | undefined {
  const fixed = path.replace(/\/?[{:<*[].*$/, '');
  if (fixed.length < 3) return undefined;
  const found = findName(fixed, index) ?? findName(fixed.slice(1), index);
  return found && (found.standing === 'text' || found.standing === 'code') && found.isExact
    ? { file: found.file.path, line: found.line }
    : undefined;
}

/** A route of the same method that differs in one segment; undefined where there is none or the design names it too. */
function nearestRoute({ method, path }: RouteClaim, tree: Tree): KnownRoute | undefined {
  const wanted = segmentsOf(path);
  return tree.structure.routes.routes.find(
    (route) =>
      (route.method === undefined || route.method === method) &&
      route.paths.some(
        (known) =>
          known.length === wanted.length &&
          known.length > 1 &&
          known.filter((segment, i) => segment !== wanted[i]).length === 1 &&
          !isDesigned(route.method, known, tree),
      ),
  );
}
