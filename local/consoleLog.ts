import type { LogSink } from './host/coreApi.ts';

const time = () => new Date().toTimeString().slice(0, 8);

/** One structured line as a person reads it: `vapi-message type=assistant-request tenant=acme durationMs=2`. */
function readable(message: string): string {
  try {
    const { event, ...fields } = JSON.parse(message) as Record<string, unknown>;
    if (typeof event !== 'string') return message;
    const shown = Object.entries(fields).map(
      ([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`,
    );
    return [event, ...shown].join(' ');
  } catch {
    return message;
  }
}

/** Writes the app's log lines, and of the host's own those that matter. */
export const consoleLog: LogSink = ({ level, category, message, functionName }) => {
  if (category === 'system' && /trace|debug|information/.test(level)) return;
  const mark = /warning|error|critical/.test(level) ? ` ${level.toUpperCase()}` : '';
  const from = category === 'system' ? ' host' : functionName ? ` ${functionName}` : '';
  console.log(`${time()}${mark}${from}: ${readable(message)}`);
};
