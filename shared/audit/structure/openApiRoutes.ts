import type { IndexedFile } from '../retrieval/indexedFile.ts';
import type { Route } from './route.ts';
import { segmentsOf } from './routePath.ts';

const pathKey = /^(\s+|\s*["'])(\/[^\s:"']*)["']?\s*:\s*(?:\{\s*)?$/;
const methodKey = /^\s*["']?(get|post|put|patch|delete|head|options)["']?\s*:/;

/** The routes that an OpenAPI description in the tree offers, in YAML or indented JSON. */
export function openApiRoutes(file: IndexedFile): Route[] {
  if (!/\.(?:ya?ml|json)$/.test(file.path) || !/\b(?:openapi|swagger)\b/.test(file.text.slice(0, 400)))
    return [];
  const routes: Route[] = [];
  let path: string | undefined;
  for (let line = 0; line < file.lineCount; line++) {
    const text = file.line(line).slice(0, 300);
    path = pathKey.exec(text)?.[2] ?? path;
    const method = methodKey.exec(text)?.[1];
    if (path !== undefined && method !== undefined)
      routes.push({
        method: method.toUpperCase(),
        segments: segmentsOf(path),
        file: file.path,
        line,
        receiver: undefined,
      });
  }
  return routes;
}
