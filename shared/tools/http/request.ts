import type { OutboundRequest } from '../../net/safeFetch.ts';
import type { HttpRequestTemplate } from './definition.ts';
import { fillBody } from './requestBody.ts';
import { type Placeholder, partsOf } from './template.ts';
import { fillUrl, readUrlTemplate } from './urlTemplate.ts';
import { fillText, type Lookup } from './values.ts';

/** A request as it is sent, but for how long it may take. */
export type FilledRequest = Pick<OutboundRequest, 'url' | 'method' | 'headers' | 'body'>;

/**
 * Fills a checked request in. Values change neither where it goes nor what its members are: they are encoded in the path
 * and the query, and are JSON values in the body.
 * @param secretOf the value of a secret, which only headers hold.
 * @throws ToolError for an argument that cannot be sent.
 */
export function fillRequest(
  { method, url, query = {}, headers = {}, body }: HttpRequestTemplate,
  lookup: Lookup,
  secretOf: (name: string) => string,
): FilledRequest {
  const template = readUrlTemplate(url);
  if (typeof template === 'string') throw new Error(`the address ${template}`);
  const withSecrets = (part: Placeholder) => (part.kind === 'secret' ? secretOf(part.name) : lookup(part));
  const own = lowerCase(fillAll(headers, withSecrets));
  const parameters = new URLSearchParams(fillAll(query, lookup)).toString();
  const json = body === undefined ? undefined : fillBody(body, lookup);
  return {
    method,
    url: fillUrl(template, lookup) + (parameters && `?${parameters}`),
    headers: {
      accept: 'application/json',
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...own,
    },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  };
}

/** The texts that could be filled in; one without a value is left out. */
function fillAll(texts: Record<string, string>, lookup: Lookup): Record<string, string> {
  const filled = Object.entries(texts).map(
    ([name, text]) => [name, fillText(partsOf(text), lookup)] as const,
  );
  return Object.fromEntries(filled.filter((member): member is [string, string] => member[1] !== undefined));
}

const lowerCase = (headers: Record<string, string>) =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
