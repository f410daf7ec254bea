import type { ListTemplate, ResponseTemplate } from './definition.ts';
import { valueAt } from './jsonPointer.ts';
import { sayTime, type TimeFormat } from './spokenTime.ts';
import { partsOf } from './template.ts';
import { fillText, type Lookup } from './values.ts';

/** A service's answer; `body` is undefined where it is no JSON. */
export interface ServiceAnswer {
  status: number;
  body: unknown;
}

export type Told =
  | { kind: 'said'; text: string }
  /** The service refused; the words are the definition's. */
  | { kind: 'failed'; words: string }
  /** The service agreed, but its answer has not what is to be said. */
  | { kind: 'unexpected' };

/**
 * What the model is told of an answer: of a failure the definition's words alone, of a success its line with values of the
 * answer in it. In this order: `fails`, a status with words, any other status but 2xx.
 */
export function tellAnswer(
  response: ResponseTemplate,
  { status, body }: ServiceAnswer,
  lookup: Lookup,
  timeZone: string,
): Told {
  const failure = response.fails.find(({ pointer, equals }) => valueAt(body, pointer) === equals);
  const words = failure?.say ?? response.errors[String(status)];
  if (words !== undefined) return { kind: 'failed', words };
  if (status < 200 || status > 299) return { kind: 'failed', words: response.errors.default };
  const text = sayBody(response, body, lookup, timeZone);
  return text === undefined ? { kind: 'unexpected' } : { kind: 'said', text };
}

function sayBody(
  { say, list }: ResponseTemplate,
  body: unknown,
  lookup: Lookup,
  timeZone: string,
): string | undefined {
  const inZone = (text: string, format: string) => sayTime(text, format as TimeFormat, timeZone);
  const fill = (template: string, document: unknown, listed?: string) =>
    fillText(
      partsOf(template),
      (part) => {
        if (part.kind === 'pointer') return valueAt(document, part.name);
        return part.kind === 'list' ? listed : lookup(part);
      },
      inZone,
    );
  if (!list) return fill(say, body);
  const items = itemsAt(body, list.items);
  if (items?.length === 0) return fill(list.empty, body);
  const listed = items && sayItems(list, items, (item) => fill(list.each, item));
  return listed === undefined ? undefined : fill(say, body, listed);
}

/** The first items, and how many more there are; undefined where one of them cannot be said. */
function sayItems(
  { most, separator, more }: ListTemplate,
  items: readonly unknown[],
  sayItem: (item: unknown) => string | undefined,
): string | undefined {
  const said = items.slice(0, most).map(sayItem);
  if (said.includes(undefined)) return undefined;
  const left = items.length - said.length;
  const rest = more !== undefined && left > 0 ? ` ${fillText(partsOf(more), () => left)}` : '';
  return said.join(separator) + rest;
}

/** An array, or what is in the arrays that are an object's members. */
function itemsAt(body: unknown, pointer: string): unknown[] | undefined {
  const found = valueAt(body, pointer);
  if (Array.isArray(found)) return found;
  const groups = typeof found === 'object' && found !== null ? Object.values(found) : undefined;
  return groups?.every(Array.isArray) ? groups.flat() : undefined;
}
