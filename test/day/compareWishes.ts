import { tryJson } from '../../shared/tryJson.ts';
import { membersOf } from '../../shared/voice/messages/tolerant.ts';
import type { Differences } from './differences.ts';
import type { Expected, ExpectedWish } from './expected.ts';
import type { Journal } from './journal.ts';
import type { Seen } from './seen.ts';

type Row = Readonly<Record<string, unknown>>;

/** The ids under which a wish was acknowledged; more than one where its caller is not known. */
function idsOf({ asks }: ExpectedWish, journal: Journal): string[] {
  const results = asks.map(({ id }) => membersOf(tryJson(journal.asks.get(id)?.result ?? '')));
  return results.flatMap(({ ok, lead_id, message_id, callback_id }) => {
    const id = lead_id ?? message_id ?? callback_id;
    return ok === true && typeof id === 'string' ? [id] : [];
  });
}

/** How often a request of this wish failed: whether it was done all the same is not known. */
export const failuresOf = ({ asks }: ExpectedWish, journal: Journal) =>
  asks.reduce((sum, { id }) => sum + (journal.asks.get(id)?.failed.length ?? 0), 0);

/** One row for each wish, with all that was said. Gives the expected wishes by the id they are stored under. */
export function compareWishes(
  { tenantId, wishes }: Expected,
  { told, journal }: Seen,
  differences: Differences,
): Map<string, ExpectedWish> {
  const rows = new Map(told.leads.map((row) => [String(row.leadId), row]));
  if (rows.size < told.leads.length) differences.repeats(`a lead of ${tenantId} in its list`);
  const byId = new Map<string, ExpectedWish>();
  // Of a request that failed, whether it was done is not known: such a one may stand alone.
  let excused = 0;
  for (const wish of wishes) {
    const [id, ...others] = new Set(idsOf(wish, journal));
    const what = `${wish.kind} ${id ?? wish.asks[0]?.id} of ${tenantId}`;
    excused += failuresOf(wish, journal);
    if (others.length > 0) differences.repeats(what);
    const row = rows.get(id ?? '');
    if (id === undefined || !row) differences.lacks(what);
    else compareWish(what, wish, row, failuresOf(wish, journal) > 0, differences);
    if (id !== undefined) byId.set(id, wish);
    for (const used of [id ?? '', ...others]) rows.delete(used);
  }
  for (const [id, row] of [...rows].slice(excused))
    differences.repeats(`${String(row.kind)} ${id} of ${tenantId}, which nobody was told of`);
  return byId;
}

function compareWish(
  what: string,
  { kind, details, lines, asks }: ExpectedWish,
  row: Row,
  isLate: boolean,
  differences: Differences,
): void {
  const expected = { kind, ...details, callId: asks.at(-1)?.callId };
  const wrong = Object.entries(expected).filter(([field, value]) => row[field] !== value);
  // What failed and was done all the same may have been done last.
  if (!isLate)
    for (const [field, value] of wrong)
      differences.differs(`${what}: ${field} is ${String(row[field])}, not ${String(value)}`);
  for (const name of ['notes', 'message'] as const) {
    const stored = String(row[name] ?? '')
      .split('\n')
      .filter(Boolean);
    for (const line of lines[name])
      if (!stored.includes(line)) differences.lacks(`a line of ${name} in ${what}`);
    if (stored.length > new Set(stored).size || stored.length > lines[name].length)
      differences.repeats(`a line of ${name} in ${what}`);
  }
}
