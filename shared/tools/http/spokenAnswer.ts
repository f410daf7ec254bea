import type { ListTemplate, ResponseTemplate } from './definitionShape.ts';
import { valueAt } from './jsonPointer.ts';
import { sayTime, type TimeFormat } from './spokenTime.ts';
import { type Part, partsOf } from './template.ts';
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
export type TellAnswer = (answer: ServiceAnswer, lookup: Lookup, timeZone: string) => Told;

/** What tells answers, its templates read once. */
export function compileAnswer(response: ResponseTemplate): TellAnswer {
  const sayBody = compileBodyLine(response);
  return ({ status, body }, lookup, timeZone) => {
    const failure = response.fails.find(({ pointer, equals }) => valueAt(body, pointer) === equals);
    const words = failure?.say ?? response.errors[String(status)];
    if (words !== undefined) return { kind: 'failed', words };
    if (status < 200 || status > 299) return { kind: 'failed', words: response.errors.default };
    const text = sayBody(body, lookup, timeZone);
    return text === undefined ? { kind: 'unexpected' } : { kind: 'said', text };
  };
}

/** Gives a text of the definition with the values of a document in it. */
type FillFrom = (document: unknown, listed?: string) => string | undefined;

function compileBodyLine({ say, list }: ResponseTemplate) {
  const whole = partsOf(say);
  const compiled = list && { ...list, each: partsOf(list.each), empty: partsOf(list.empty) };
  const sayItems = list && compileItems(list);
  return (body: unknown, lookup: Lookup, timeZone: string): string | undefined => {
    const inZone = (text: string, format: string) => sayTime(text, format as TimeFormat, timeZone);
    const filling =
      (parts: readonly Part[]): FillFrom =>
      (document, listed) =>
        fillText(
          parts,
          (part) => {
            if (part.kind === 'pointer') return valueAt(document, part.name);
            return part.kind === 'list' ? listed : lookup(part);
          },
          inZone,
        );
    if (!compiled || !sayItems) return filling(whole)(body);
    const items = itemsAt(body, compiled.items);
    if (items?.length === 0) return filling(compiled.empty)(body);
    const listed = items && sayItems(items, filling(compiled.each));
    return listed === undefined ? undefined : filling(whole)(body, listed);
  };
}

/** Gives the first items, and how many more there are; undefined where one of them cannot be said. */
function compileItems({ most, separator, more }: ListTemplate) {
  const moreParts = more === undefined ? undefined : partsOf(more);
  return (items: readonly unknown[], sayItem: FillFrom): string | undefined => {
    const said = items.slice(0, most).map((item) => sayItem(item));
    if (said.includes(undefined)) return undefined;
    const left = items.length - said.length;
    const rest = moreParts && left > 0 ? ` ${fillText(moreParts, () => left)}` : '';
    return said.join(separator) + rest;
  };
}

/** An array, or what is in the arrays that are an object's members. */
function itemsAt(body: unknown, pointer: string): unknown[] | undefined {
  const found = valueAt(body, pointer);
  if (Array.isArray(found)) return found;
  const groups = typeof found === 'object' && found !== null ? Object.values(found) : undefined;
  return groups?.every(Array.isArray) ? groups.flat() : undefined;
}
