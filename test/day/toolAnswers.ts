import { tryJson } from '../../shared/tryJson.ts';
import { itemsOf, membersOf } from '../../shared/voice/messages/tolerant.ts';
import type { Journal } from './journal.ts';
import { isLasting, type ToolAsk } from './toolAsk.ts';

interface Entry {
  result: string | undefined;
  error: string | undefined;
}

/**
 * Holds an acknowledged answer to what Vapi can use: an entry for each call in their order, by exact id, one line of text
 * each. Notes what the tools gave. Gives the requests that failed.
 */
export function readToolAnswer(
  message: Readonly<Record<string, unknown>>,
  asks: readonly ToolAsk[],
  text: string,
  journal: Journal,
): ToolAsk[] {
  const body = membersOf(tryJson(text));
  const entries = message.type === 'function-call' ? [fromFunction(body)] : fromResults(body, asks, journal);
  return asks.filter((ask, i) => !isDone(ask, entries[i], journal));
}

/** Until 2024 a failure was told as a result like others. */
function fromFunction({ result }: Readonly<Record<string, unknown>>): Entry {
  const text = typeof result === 'string' ? result : '';
  return tryJson(text) === undefined
    ? { result: undefined, error: text }
    : { result: text, error: undefined };
}

function fromResults(
  body: Readonly<Record<string, unknown>>,
  asks: readonly ToolAsk[],
  journal: Journal,
): Entry[] {
  const results = itemsOf(body.results).map(membersOf);
  const [given, wanted] = [results, asks].map((list) => JSON.stringify(list.map(idOf)));
  if (given !== wanted) journal.fault(`asked for ${wanted}, got ${given}`);
  return results.map(({ result, error }) => ({ result: textOf(result), error: textOf(error) }));
}

const idOf = (entry: object) => {
  const { toolCallId, id } = entry as Record<string, unknown>;
  return toolCallId ?? id;
};
const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined);

function isDone(ask: ToolAsk, entry: Entry | undefined, journal: Journal): boolean {
  const text = entry?.result ?? entry?.error;
  if (text === undefined || text === '' || /[\r\n]/.test(text)) {
    journal.fault(`${ask.name} ${ask.id} was answered with no line of text`);
    return true;
  }
  if (ask.effect === 'refused') {
    if (entry?.result !== undefined) journal.fault(`${ask.name} ${ask.id} should have been refused`);
    return true;
  }
  if (entry?.result === undefined) return false;
  const record = journal.ask(ask);
  if (isLasting(ask) && record.result !== undefined && record.result !== text)
    journal.fault(`${ask.name} ${ask.id} was answered with ${record.result}, then with ${text}`);
  record.result = text;
  return true;
}
