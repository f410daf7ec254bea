/** What spreadsheets take a longer text for a formula by; some take the wide forms as well. */
const formula = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]./s;

type Row = Readonly<Record<string, unknown>>;

/**
 * Rows as CSV (RFC 4180: comma, CRLF, quotes doubled), a line at a time, so that a long list is never held as a whole.
 * A text that a spreadsheet would take for a formula gets an apostrophe before it; numbers stay numbers.
 */
export async function* toCsv(
  rows: AsyncIterable<Row> | Iterable<Row>,
  columns: readonly string[],
): AsyncIterable<string> {
  yield toLine(columns);
  for await (const row of rows) yield toLine(columns.map((column) => row[column]));
}

function toLine(values: readonly unknown[]): string {
  return `${values.map(toCell).join(',')}\r\n`;
}

function toCell(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (typeof value === 'number' || typeof value === 'bigint') return String(value);
  const text = value instanceof Date ? value.toISOString() : String(value);
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
