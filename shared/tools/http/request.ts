import type { OutboundRequest } from '../../net/safeFetch.ts';
import type { HttpRequestTemplate } from './definitionShape.ts';
import { compileBody } from './requestBody.ts';
import { type Placeholder, partsOf } from './template.ts';
import { fillUrl, readUrlTemplate } from './urlTemplate.ts';
import { fillText, type Lookup } from './values.ts';

/** A request as it is sent, but for how long it may take. */
export type FilledRequest = Pick<OutboundRequest, 'url' | 'method' | 'headers' | 'body'>;

/**
 * @param secretOf the value of a secret, which only headers hold.
 * @throws ToolError for an argument that cannot be sent.
 */
export type FillRequest = (lookup: Lookup, secretOf: (name: string) => string) => FilledRequest;

/**
 * What fills a checked request in, its templates read once. Values change neither where it goes nor what its members are:
 * they are encoded in the path and the query, and are JSON values in the body.
 */
export function compileRequest({ method, url, query, headers, body }: HttpRequestTemplate): FillRequest {
  const template = readUrlTemplate(url);
  if (typeof template === 'string') throw new Error(`the address ${template}`);
  const fillQuery = compileTexts(query);
  const fillHeaders = compileTexts(headers, (name) => name.toLowerCase());
  const fillBody = body === undefined ? () => undefined : compileBody(body);
  return (lookup, secretOf) => {
    const withSecrets = (part: Placeholder) => (part.kind === 'secret' ? secretOf(part.name) : lookup(part));
    const parameters = new URLSearchParams(fillQuery(lookup)).toString();
    const json = fillBody(lookup);
    return {
      method,
      url: fillUrl(template, lookup) + (parameters && `?${parameters}`),
      headers: {
        accept: 'application/json',
        ...(json === undefined ? {} : { 'content-type': 'application/json' }),
        ...fillHeaders(withSecrets),
      },
      ...(json === undefined ? {} : { body: JSON.stringify(json) }),
    };
  };
}

/** Gives the texts that could be filled in; one without a value is left out. */
function compileTexts(
  texts: Readonly<Record<string, string>> = {},
  nameOf = (name: string) => name,
): (lookup: Lookup) => Record<string, string> {
  const compiled = Object.entries(texts).map(([name, text]) => [nameOf(name), partsOf(text)] as const);
  return (lookup) => {
    const filled = compiled.map(([name, parts]) => [name, fillText(parts, lookup)] as const);
    return Object.fromEntries(filled.filter((member): member is [string, string] => member[1] !== undefined));
  };
}
