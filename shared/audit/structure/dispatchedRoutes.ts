import { longestLine } from '../retrieval/declaration.ts';
import type { IndexedFile } from '../retrieval/indexedFile.ts';
import type { Route } from './route.ts';
import { segmentsOf } from './routePath.ts';

const compared =
  /\b(?:path(?:name|_info)?|url|URL\.Path|route)\b[\w.()]*\s*(?:={2,3}|\.equals\(|\.startsWith\(|\.startswith\()\s*['"`](\/[^'"`]*)['"`]|\bcase\s+['"](\/[^'"]*)['"]/;
const methodAsked =
  /\bmethod\b\w*\s*(?:={2,3}|\.equals\()\s*['"`](GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS)['"`]|['"](GET|POST|PUT|PATCH|DELETE)['"]\s*={2,3}\s*\w*\.?method/i;
const expression = /\/\^((?:\\\/[^\n/]+?)+)\$?\/[a-z]*/;

/** The routes of a program that compares method and path itself. */
export function dispatchedRoutes(file: IndexedFile): Route[] {
  if (!/\bmethod\b/i.test(file.text) || !/\b(?:pathname|path|url)\b/i.test(file.text)) return [];
  const routes: Route[] = [];
  const methodsAlone = new Set<string>();
  const open: { segments: string[]; line: number }[] = [];
  for (let line = 0; line < file.lineCount; line++) {
    const text = file.line(line);
    if (text.length > longestLine || file.isComment(line)) continue;
    const asked = methodAsked.exec(text);
    const method = (asked?.[1] ?? asked?.[2])?.toUpperCase();
    const path = compared.exec(text);
    const matched = /path|url/i.test(text) ? expression.exec(text)?.[1] : undefined;
    const literal = path?.[1] ?? path?.[2] ?? matched?.replace(/\\\//g, '/');
    if (literal === undefined) {
      if (method) methodsAlone.add(method);
    } else if (method)
      routes.push({ method, segments: segmentsOf(literal), file: file.path, line, receiver: undefined });
    else open.push({ segments: segmentsOf(literal), line });
  }
  for (const { segments, line } of open)
    for (const method of methodsAlone)
      routes.push({ method, segments, file: file.path, line, receiver: undefined });
  return routes;
}
