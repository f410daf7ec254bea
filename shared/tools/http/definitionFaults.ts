import { readOutboundHeaders } from '../../net/outboundHeaders.ts';
import { isTimeZone } from '../../timeZones.ts';
import type { HttpToolDefinition } from './definitionShape.ts';
import { placeholderFaults } from './placeholderFaults.ts';
import { placesOf } from './places.ts';
import { readTemplate, solePlaceholder } from './template.ts';
import { readUrlTemplate } from './urlTemplate.ts';

export interface Fault {
  path: (string | number)[];
  message: string;
}

type Checked = Omit<HttpToolDefinition, 'selfTest'>;

/** What is wrong with a definition beyond the shapes of its members. */
export function* faultsOf(definition: Checked): Generator<Fault> {
  yield* requestFaults(definition.request);
  yield* templateFaults(definition);
  yield* responseFaults(definition);
}

function* requestFaults({ method, url, headers = {}, body }: Checked['request']): Generator<Fault> {
  const address = readUrlTemplate(url);
  if (typeof address === 'string') yield { path: ['request', 'url'], message: address };
  if (method === 'GET' && body !== undefined)
    yield { path: ['request', 'body'], message: 'a GET has none; use "query", or another method' };
  const names = Object.keys(headers).map((name) => name.toLowerCase());
  if (new Set(names).size < names.length)
    yield { path: ['request', 'headers'], message: 'has a name twice; upper and lower case are the same' };
  for (const [name, value] of Object.entries(headers)) {
    const path = ['request', 'headers', name];
    if (!readOutboundHeaders({ [name]: value }))
      yield { path, message: 'is no header a tool may set, or has characters beyond ASCII' };
    if (name.toLowerCase() === 'content-type' && !/^application\/([\w.-]+\+)?json *(;|$)/i.test(value))
      yield { path, message: 'must be a JSON type; bodies are JSON' };
  }
}

function* templateFaults(definition: Checked): Generator<Fault> {
  for (const { path, text, rules } of placesOf(definition)) {
    const parts = readTemplate(text);
    const messages =
      typeof parts === 'string' ? [parts] : placeholderFaults(parts, rules, definition.inputSchema);
    for (const message of messages) yield { path, message };
  }
}

function* responseFaults(definition: Checked): Generator<Fault> {
  const { say, list, errors, timeZone } = definition.response;
  if (definition.sideEffect && errors.noAnswer === undefined)
    yield {
      path: ['response', 'errors', 'noAnswer'],
      message: 'is needed where "sideEffect" is true: without an answer nobody knows whether it was done',
    };
  if (list && !say.includes('{list.text}'))
    yield { path: ['response', 'say'], message: 'must have {list.text}, where the items are said' };
  for (const status of Object.keys(errors))
    if (!/^(default|noAnswer|[2-5]\d\d)$/.test(status))
      yield { path: ['response', 'errors', status], message: 'must be a status, "default" or "noAnswer"' };
  const path = ['response', 'timeZone'];
  if (timeZone === undefined && saysTimes(definition))
    yield { path, message: 'is needed where times are said; write an IANA name, for example Europe/Zurich' };
  if (timeZone !== undefined && !isZoneTemplate(timeZone))
    yield { path, message: 'must be an IANA time zone, for example Europe/Zurich, or one {argument}' };
}

/** True where a clock is needed that somebody has to choose. */
function saysTimes(definition: Checked): boolean {
  return [...placesOf(definition)]
    .flatMap(({ text }) => readTemplate(text))
    .some((part) => typeof part === 'object' && part.format !== undefined);
}

function isZoneTemplate(text: string): boolean {
  const parts = readTemplate(text);
  return isTimeZone(text) || (typeof parts === 'object' && solePlaceholder(parts) !== undefined);
}
