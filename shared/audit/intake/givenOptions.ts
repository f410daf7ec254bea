import { AppError } from '../../errors.ts';

/** What whoever asks may say of an audit, by the same names as query parameter, form field or member of the JSON. */
export const optionNames = [
  'hld',
  'question',
  'project',
  'advice',
  'failOn',
  'baseline',
  'maxTokens',
  'maxCost',
  'include',
  'exclude',
] as const;
export type OptionName = (typeof optionNames)[number];

const repeatable: ReadonlySet<string> = new Set<OptionName>(['hld', 'include', 'exclude']);
/** Read from the query by those who answer; in a body they would say nothing. */
const inQueryAlone = ['format', 'reports', 'estimate'];
/** Known to others who read the same request. */
const elsewhere = ['code', ...inQueryAlone, 'clientId'];

const isOption = (name: string): name is OptionName => (optionNames as readonly string[]).includes(name);
const plain = (name: string) => name.toLowerCase().replace(/[^a-z]/g, '');
const shown = (name: string) => name.replace(/[^\x20-\x7e]/g, '?').slice(0, 60);

export function invalid(message: string): AppError {
  return new AppError('invalid-request', message);
}

function unknown(name: string, more: readonly string[]): AppError {
  const meant = optionNames.find((known) => plain(known) === plain(name));
  const hint = meant ? ` Did you mean "${meant}"?` : '';
  return invalid(
    `"${shown(name)}" is no option of an audit.${hint} Known are ${[...more, ...optionNames, ...elsewhere].join(', ')}.`,
  );
}

/** The options of one request as they were given, in its query and in its body. */
export class GivenOptions {
  readonly #query = new Map<OptionName, string[]>();
  readonly #body = new Map<OptionName, string[]>();

  /** @throws AppError `invalid-request` for a name that means nothing: a mistyped `failOn` must not pass a build. */
  constructor(query: URLSearchParams) {
    for (const [name, value] of query) this.#give(this.#query, name, value, []);
  }

  /** Takes an option of the body. `more` are the body's other names, for the message. */
  give(name: string, value: string, more: readonly string[]): void {
    if (inQueryAlone.includes(name)) throw invalid(`"${name}" belongs into the query: ?${name}=…`);
    this.#give(this.#body, name, value, more);
  }

  #give(into: Map<OptionName, string[]>, name: string, value: string, more: readonly string[]): void {
    if (elsewhere.includes(name)) return;
    if (!isOption(name)) throw unknown(name, more);
    into.set(name, [...(into.get(name) ?? []), value]);
  }

  /** In the order given. @throws AppError `invalid-request` where query and body differ. */
  all(name: OptionName): readonly string[] {
    const [query, body] = [this.#query.get(name), this.#body.get(name)];
    if (!query || !body) return query ?? body ?? [];
    if (query.length === body.length && query.every((value, i) => value === body[i])) return query;
    throw invalid(`"${name}" differs between query and body. Give it once.`);
  }

  /** @throws AppError `invalid-request` where it is given twice, differently. */
  one(name: OptionName): string | undefined {
    const [first, ...others] = this.all(name);
    if (others.some((other) => other !== first))
      throw invalid(
        `"${name}" is given more than once. Give it once; ${[...repeatable].join(', ')} may be repeated.`,
      );
    return first;
  }

  /** As in {@link all}, of the query alone. */
  inQuery(name: OptionName): readonly string[] {
    return this.#query.get(name) ?? [];
  }
}
