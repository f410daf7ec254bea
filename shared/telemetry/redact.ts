/** Field names whose values never reach a log, whatever they hold. */
const forbidden =
  /secret|password|token$|api[-_]?key|authorization|cookie|signature|transcript|summary|phone|number|caller|customer|body|content|prompt/i;

const patterns: [RegExp, string][] = [
  [/(?<!\d)(?!\d{4}-\d\d-\d\d(?!\d))\+?\d(?:[\s().-]{0,2}\d){7,14}(?!\d)/g, '[number]'],
  [/\b(?:Bearer|Basic)\s+[\w.~+/=-]+/gi, '[credential]'],
  [/\b(?:AccountKey|SharedAccessSignature|sig|code)=[^;&\s"]+/gi, '[credential]'],
  [/\b(?:sk|key)-[\w-]{8,}/g, '[credential]'],
];

/** Ids by which a call or a trace is followed: UUIDs and long hexadecimal words. */
const ids = /\b[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}\b|\b(?=[\d]*[a-f])[\da-f]{16,}\b/gi;

/** Nothing but an id, which most fields of most lines are. */
const onlyId = /^(?:[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12}|(?=\d*[a-f])[\da-f]{16,})$/i;

/** Without one of these no pattern can match. */
const suspicious = /\d|=|bearer|basic|sk-|key-/i;

/** Text with phone numbers and credentials replaced. Ids stay. */
export function redactText(text: string): string {
  if (!suspicious.test(text) || onlyId.test(text)) return text;
  const kept = text.match(ids) ?? [];
  return text
    .split(ids)
    .map((piece) => patterns.reduce((done, [pattern, mark]) => done.replace(pattern, mark), piece))
    .reduce((joined, piece, i) => joined + kept[i - 1] + piece);
}

/** A log record safe to write: forbidden fields dropped, texts cleaned, nested values likewise, numbers kept. */
export function redactFields(fields: Record<string, unknown>): Record<string, unknown> {
  const safe: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(fields)) if (!forbidden.test(key)) safe[key] = redactValue(value);
  return safe;
}

function redactValue(value: unknown): unknown {
  if (typeof value === 'string') return redactText(value);
  if (Array.isArray(value)) return value.map(redactValue);
  if (value && typeof value === 'object') return redactFields(value as Record<string, unknown>);
  return value;
}
