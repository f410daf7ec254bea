import type { IndexedFile } from '../retrieval/indexedFile.ts';
import type { Turns } from '../turns.ts';
import { Mounts } from './mounts.ts';
import type { Route } from './route.ts';
import { formsOf, plainPath } from './routePath.ts';
import { routesOf } from './routes.ts';

/** A route of the tree with every full path it can have. */
export interface KnownRoute extends Route {
  paths: readonly (readonly string[])[];
}

/** Segments that a design or a gateway may leave out or put before a path. */
const baseSegment = /^(?:api|rest|v\d+(?:\.\d+)*|public|internal)$/;

/** What of a route that a design names is in the tree. */
export interface RouteMatch {
  /** Registered under this path and method. */
  exact: KnownRoute[];
  /** Registered under this path with another method. */
  otherMethod: KnownRoute[];
}

/** The routes of a tree, to be looked up by method and path. */
export class RouteTable {
  readonly routes: readonly KnownRoute[];

  private constructor(routes: readonly KnownRoute[]) {
    this.routes = routes;
  }

  /** Reads the routes of a tree, giving way to other work. @throws the signal's reason once it is aborted. */
  static async build(files: readonly IndexedFile[], turns: Turns): Promise<RouteTable> {
    const { routes, mounts } = await routesOf(files, turns);
    const mounted = new Mounts(mounts, routes, files);
    return new RouteTable(routes.map((route) => ({ ...route, paths: mounted.pathsOf(route) })));
  }

  /** Looks a route up; without a method, any will do. */
  find(method: string | undefined, path: string): RouteMatch {
    const forms = formsOf(path);
    const samePath = this.routes.filter(({ paths }) =>
      paths.some((known) => forms.some((form) => isSamePath(form, known))),
    );
    const hasMethod = (route: KnownRoute) =>
      method === undefined || route.method === undefined || route.method === method;
    return {
      exact: samePath.filter(hasMethod),
      otherMethod: samePath.filter((route) => !hasMethod(route)),
    };
  }
}

/** True where two paths are the same but for a base such as `/api/v1`. */
function isSamePath(a: readonly string[], b: readonly string[]): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  const extra = long.slice(0, long.length - short.length);
  if (!extra.every((segment) => baseSegment.test(segment))) return false;
  if (short.length === 0 && extra.length > 0) return false;
  return plainPath(short) === plainPath(long.slice(extra.length));
}

/** `POST /orders/{}`, as messages and fingerprints name a route. */
export const routeName = ({ method, paths, segments }: KnownRoute): string =>
  `${method ?? 'any method'} ${plainPath(paths[0] ?? segments)}`;
