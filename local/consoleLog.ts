import type { LogSink } from './host/coreApi.ts';

const time = () => new Date().toTimeString().slice(0, 8);

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters could forge a line of their own
const control = /[\u0000-\u001f\u007f]/;

function shown(value: unknown): string {
  return typeof value === 'object' || control.test(String(value)) ? JSON.stringify(value) : String(value);
}

/** One structured line as a person reads it: `vapi-message type=assistant-request tenant=acme durationMs=2`. */
function readable(message: string): string {
  try {
    const { event, ...fields } = JSON.parse(message) as Record<string, unknown>;
    if (typeof event !== 'string') return message;
    const members = Object.entries(fields).map(([key, value]) => `${key}=${shown(value)}`);
    return [event, ...members].join(' ');
  } catch {
    return message;
  }
}

let waiting: string[] = [];

function flush(): void {
  process.stdout.write(waiting.join(''));
  waiting = [];
}

process.once('exit', flush);

/** Lines that come within this time are written together: under load a write for each would cost more than the work. */
const gatherMs = 50;

function print(line: string): void {
  if (waiting.length === 0) setTimeout(flush, gatherMs);
  waiting.push(`${line}\n`);
}

/** Writes the app's log lines, and of the host's own those that matter. */
export const consoleLog: LogSink = ({ level, category, message, functionName }) => {
  if (category === 'system' && /trace|debug|information/.test(level)) return;
  const mark = /warning|error|critical/.test(level) ? ` ${level.toUpperCase()}` : '';
  const from = category === 'system' ? ' host' : functionName ? ` ${functionName}` : '';
  print(`${time()}${mark}${from}: ${readable(message)}`);
};
