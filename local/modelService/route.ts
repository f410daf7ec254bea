import { type Dialect, type Fault, unknownAddress } from './fault.ts';

export type Api = 'chat' | 'responses';

export interface Route {
  dialect: Dialect;
  api: Api;
  /** The deployment named in the path; undefined where the body's `model` names it. */
  deployment: string | undefined;
}

/** Azure's own paths end before `api-version`, those of its v1 API and of OpenAI need none. */
const known: readonly [pattern: RegExp, dialect: Dialect, versioned: boolean][] = [
  [/^\/v1\/(chat\/completions|responses)$/, 'openai', false],
  [/^\/openai\/v1\/(chat\/completions|responses)$/, 'azure', false],
  [/^\/openai\/deployments\/(?<name>[^/]+)\/(chat\/completions)$/, 'azure', true],
  [/^\/openai\/(responses)$/, 'azure', true],
];

export const dialectOf = (path: string): Dialect => (path.startsWith('/openai/') ? 'azure' : 'openai');

/** Where a request goes, or the 404 the service answers. `url` is a path with its query. */
export function readRoute(method: string, url: string): { route: Route } | { fault: Fault } {
  const [path = '', query] = url.split('?');
  const fault = unknownAddress(dialectOf(path), method, path);
  if (method !== 'POST') return { fault };
  for (const [pattern, dialect, versioned] of known) {
    const match = pattern.exec(path);
    if (!match) continue;
    if (versioned && !new URLSearchParams(query).get('api-version')) return { fault };
    const name = match.groups?.name;
    return {
      route: {
        dialect,
        api: path.endsWith('/responses') ? 'responses' : 'chat',
        deployment: name === undefined ? undefined : decode(name),
      },
    };
  }
  return { fault };
}

function decode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
