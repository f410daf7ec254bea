/** Phone numbers are masked: only the last two digits are shown. */
export function maskPhone(number: string): string {
  return number.replace(/\d(?=\d{2})/g, '*');
}

/** Writes one JSON object a line: level, time, message and further fields. */
export function log(level: 'info' | 'error', message: string, fields: Record<string, unknown> = {}): void {
  console.log(JSON.stringify({ level, time: new Date().toISOString(), message, ...fields }));
}
