import type { RegisteredFunction } from './coreTypes.ts';
import { parseRouteTemplate, type RouteTemplate } from './routeTemplate.ts';

export type AuthLevel = 'anonymous' | 'function' | 'admin';

export interface HttpRoute {
  function: RegisteredFunction;
  /** The template as a request meets it: `/api/items/{id:int}`. */
  path: string;
  methods: readonly string[];
  authLevel: AuthLevel;
  template: RouteTemplate;
}

export interface Router {
  routes: readonly HttpRoute[];
  /** Functions the host refuses to serve, with the reason. */
  refused: readonly { name: string; reason: string }[];
  /** The first route, in function-name order, that fits method and decoded path. There is no precedence. */
  find(method: string, path: string): { route: HttpRoute; params: Record<string, string> } | undefined;
}

const reserved = /^(admin|runtime)/i;

/** Lays the HTTP functions out as the genuine host does: by name, case-insensitive, first match wins. */
export function createRouter(functions: Iterable<RegisteredFunction>, routePrefix: string): Router {
  const prefix = routePrefix.replace(/^\/|\/$/g, '');
  const routes: HttpRoute[] = [];
  const refused: { name: string; reason: string }[] = [];
  const taken = new Map<string, string>();

  const byName = [...functions].sort((a, b) => compareIgnoringCase(a.metadata.name, b.metadata.name));
  for (const registered of byName) {
    const trigger = Object.values(registered.metadata.bindings).find(
      (b) => b.type.toLowerCase() === 'httptrigger',
    );
    if (!trigger) continue;
    const { name } = registered.metadata;
    const route = String(trigger.route ?? name).replace(/^\//, '');
    const full = prefix ? `${prefix}/${route}` : route;
    const methods = (trigger.methods as string[]).map((m) => m.toUpperCase());
    try {
      if (reserved.test(route))
        throw new Error(`the route "${route}" begins with a reserved word (admin, runtime)`);
      const clash = methods.map((m) => taken.get(`${m} ${route.toLowerCase()}`)).find(Boolean);
      if (clash) throw new Error(`"${clash}" already has the route "${route}" for that method`);
      const template = parseRouteTemplate(full);
      for (const m of methods) taken.set(`${m} ${route.toLowerCase()}`, name);
      routes.push({
        function: registered,
        path: `/${full}`,
        methods,
        authLevel: trigger.authLevel as AuthLevel,
        template,
      });
    } catch (error) {
      refused.push({ name, reason: error instanceof Error ? error.message : String(error) });
    }
  }

  return {
    routes,
    refused,
    find(method, path) {
      for (const route of routes) {
        if (!route.methods.includes(method)) continue;
        const params = route.template.match(path);
        if (params) return { route, params };
      }
      return undefined;
    },
  };
}

function compareIgnoringCase(a: string, b: string): number {
  const [x, y] = [a.toLowerCase(), b.toLowerCase()];
  return x < y ? -1 : x > y ? 1 : 0;
}
