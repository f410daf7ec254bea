import { isIP } from 'node:net';
import { hostOf, readOutboundUrl } from '../../net/outboundUrl.ts';
import { ToolError } from '../tool.ts';
import { type Part, readTemplate } from './template.ts';
import { fillText, type Lookup } from './values.ts';

/** An address whose scheme, host and port are written out. */
export interface UrlTemplate {
  /** `api.example.com`, with `:8443` where that is the port. */
  host: string;
  /** Of the path, in order; the slashes between them are written out too. */
  segments: Part[][];
}

const shape = /^https:\/\/([a-z0-9.:-]+)(\/.*)?$/s;
/** What RFC 3986 lets stand in a segment: no half of an escape, which a value could make whole. */
const literalText = /^([\w.~!$&'()*+,;=:@-]|%[\da-f]{2})*$/i;
const dots = /^(\.|%2e){1,2}$/i;

const form =
  'must be https://, a host name in lower case written out, and a path; placeholders stand only in the path, parameters go to "query"';

/** Takes the address of a definition apart, or says what is wrong with it. Its placeholders are checked elsewhere. */
export function readUrlTemplate(text: string): UrlTemplate | string {
  const [, host = '', path = '/'] = shape.exec(text) ?? [];
  const url = readOutboundUrl(`https://${host}/`);
  if (typeof url === 'string' || url.host !== host) return form;
  if (isIP(hostOf(url))) return 'must have a host name, not an address';
  const parts = readTemplate(path.slice(1));
  if (typeof parts === 'string') return form;
  const segments = splitAtSlashes(parts);
  if (segments.flat().some((part) => typeof part === 'string' && !literalText.test(part))) return form;
  if (segments.some(([only, more]) => typeof only === 'string' && !more && dots.test(only)))
    return 'must have no "." or ".." in its path';
  return { host, segments };
}

/**
 * The address with its placeholders filled in. No value can leave its segment: it is percent-encoded, and what a server
 * could take for a way up is refused.
 * @throws ToolError for an argument that cannot stand there.
 */
export function fillUrl({ host, segments }: UrlTemplate, lookup: Lookup): string {
  return `https://${host}/${segments.map((parts) => fillSegment(parts, lookup)).join('/')}`;
}

function fillSegment(parts: readonly Part[], lookup: Lookup): string {
  const filled = parts.map((part) => {
    if (typeof part === 'string') return part;
    const value = fillText([part], lookup);
    if (value === undefined) throw new ToolError(`${part.name} is not known. Ask for it or go on without.`);
    if (!isPlain(value))
      throw new ToolError(`${part.name} is not valid. Ask for it and call the tool again.`);
    return encodeURIComponent(value);
  });
  return filled.join('');
}

/** Neither empty nor, to a server that decodes before it routes, a step up; and encodable at all. */
const isPlain = (value: string) =>
  value !== '' && value.isWellFormed() && !value.split(/[\\/]/).some((step) => dots.test(step));

function splitAtSlashes(parts: readonly Part[]): Part[][] {
  const segments: Part[][] = [[]];
  for (const part of parts) {
    const [first, ...rest] = typeof part === 'string' ? part.split('/') : [part];
    if (first !== undefined && first !== '') segments.at(-1)?.push(first);
    for (const next of rest) segments.push(next === '' ? [] : [next]);
  }
  return segments;
}
