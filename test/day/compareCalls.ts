import type { Differences } from './differences.ts';
import type { Expected, ExpectedCall } from './expected.ts';

type Row = Readonly<Record<string, unknown>>;

/** One row for each call, with what is true of it. */
export function compareCalls(
  { tenantId, calls }: Expected,
  told: readonly Row[],
  differences: Differences,
): void {
  const rows = Map.groupBy(told, ({ callId }) => String(callId));
  for (const call of calls) {
    const [row, ...more] = rows.get(call.callId) ?? [];
    rows.delete(call.callId);
    if (!row) differences.lacks(`call ${call.callId} of ${tenantId}`);
    else compareFields(`call ${call.callId} of ${tenantId}`, call, row, differences);
    if (more.length > 0) differences.repeats(`call ${call.callId} of ${tenantId}`);
  }
  for (const callId of rows.keys()) differences.differs(`call ${callId} of ${tenantId} was never made`);
}

function compareFields(what: string, expected: ExpectedCall, row: Row, differences: Differences): void {
  for (const [field, value] of Object.entries(expected))
    if (row[field] !== value)
      differences.differs(`${what}: ${field} is ${String(row[field])}, not ${String(value)}`);
}
