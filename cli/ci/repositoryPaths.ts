import { isRecord } from '../result/shape.ts';
import { azureText, fromAzureProperty, fromGithubProperty, githubProperty } from './escape.ts';

/** The path in the repository of a path as the service knows it. */
export type ToRepository = (path: string) => string;

/**
 * Pipelines name files from the root of the repository, the service from the audited folder. Files outside that folder
 * go by what they are called there.
 */
export function repositoryPaths(prefix: string, outside: ReadonlyMap<string, string>): ToRepository {
  return (path) => outside.get(path) ?? prefix + path;
}

/** An annotation report with the paths of the repository. */
export function inRepository(text: string, kind: 'github' | 'azure', toRepository: ToRepository): string {
  const rewrite = kind === 'github' ? githubLine : azureLine;
  return text
    .split('\n')
    .map((line) => rewrite(line, toRepository))
    .join('\n');
}

const githubLine = (line: string, toRepository: ToRepository) =>
  line.replace(
    /^(::\w+ (?:[^:\r\n]*,)?file=)([^,:\r\n]+)/,
    (_, before: string, path: string) => before + githubProperty(toRepository(fromGithubProperty(path))),
  );

const azureLine = (line: string, toRepository: ToRepository) =>
  line.replace(
    /^(##vso\[task\.logissue [^\]\r\n]*?\bsourcepath=)([^;\]\r\n]+)/,
    (_, before: string, path: string) => before + azureText(toRepository(fromAzureProperty(path))),
  );

/** A SARIF log with the paths of the repository; a text that is no JSON stays as it is. */
export function sarifInRepository(text: string, toRepository: ToRepository): string {
  const log = parse(text);
  if (!isRecord(log)) return text;
  const visit = (value: unknown, name: string): unknown => {
    if (Array.isArray(value)) return value.map((item) => visit(item, name));
    if (!isRecord(value)) return value;
    const entries = Object.entries(value).map(([key, member]) => [key, visit(member, key)]);
    const copy = Object.fromEntries(entries) as Record<string, unknown>;
    const isFile =
      name === 'artifactLocation' &&
      typeof copy.uri === 'string' &&
      !/^[a-z][a-z\d+.-]*:|^\//i.test(copy.uri);
    return isFile ? { ...copy, uri: rebase(copy.uri as string, toRepository) } : copy;
  };
  return `${JSON.stringify(visit(log, ''), null, 2)}\n`;
}

/** A relative URI reference, whose path may be percent-encoded. */
function rebase(uri: string, toRepository: ToRepository): string {
  try {
    return toRepository(decodeURIComponent(uri)).split('/').map(encodeURIComponent).join('/');
  } catch {
    return toRepository(uri);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
