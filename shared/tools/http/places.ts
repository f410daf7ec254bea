import type { HttpToolDefinition } from './definitionShape.ts';
import { textsOf } from './requestBody.ts';
import type { SourceKind } from './template.ts';

/** What the placeholders of a text may be. */
export interface Rules {
  from: readonly SourceKind[];
  /** The names allowed of a kind, where not all of them are. */
  only?: Partial<Record<SourceKind, readonly string[]>>;
  /** Values may be said in a format. */
  formats?: boolean;
  /** Every argument must be there whenever the tool is called, or have words instead. */
  needed?: boolean;
  /** A text that is one placeholder takes a value of any type. */
  anyType?: boolean;
}

/** A text of a definition in which placeholders may stand, with the way to it. */
export interface Place {
  path: (string | number)[];
  text: string;
  rules: Rules;
}

const url: Rules = { from: ['argument', 'context'], needed: true };
const query: Rules = { from: ['argument', 'context'] };
/** Never arguments: what a model writes must not reach a header. */
const header: Rules = { from: ['secret', 'context'], only: { context: ['idempotencyKey'] } };
const body: Rules = { from: ['argument', 'context'], anyType: true };
const said: Rules = { from: ['pointer', 'argument', 'context'], formats: true };
const saidWithList: Rules = { ...said, from: [...said.from, 'list'], only: { list: ['text'] } };
const more: Rules = { from: ['list'], only: { list: ['more'] } };
const zone: Rules = { from: ['argument'] };

/** Every text of a definition in which placeholders may stand. */
export function* placesOf({
  request,
  response,
}: Pick<HttpToolDefinition, 'request' | 'response'>): Generator<Place> {
  yield { path: ['request', 'url'], text: request.url, rules: url };
  yield* each(['request', 'query'], request.query, query);
  yield* each(['request', 'headers'], request.headers, header);
  for (const [path, text] of textsOf(request.body ?? null))
    yield { path: ['request', 'body', ...path], text, rules: body };
  const { say, list, timeZone } = response;
  yield { path: ['response', 'say'], text: say, rules: list ? saidWithList : said };
  for (const name of ['each', 'empty'] as const)
    if (list) yield { path: ['response', 'list', name], text: list[name], rules: said };
  if (list?.more !== undefined) yield { path: ['response', 'list', 'more'], text: list.more, rules: more };
  if (timeZone !== undefined) yield { path: ['response', 'timeZone'], text: timeZone, rules: zone };
}

function* each(path: string[], texts: Record<string, string> | undefined, rules: Rules): Generator<Place> {
  for (const [name, text] of Object.entries(texts ?? {})) yield { path: [...path, name], text, rules };
}
