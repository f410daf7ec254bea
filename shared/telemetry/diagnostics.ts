import type { DiagLogger } from '@opentelemetry/api';
import { describeError } from './logger.ts';

const quietMs = 60_000;

/**
 * Takes OpenTelemetry's own complaints (a collector that does not answer, dropped spans) and passes on at most one a
 * minute, as one JSON line without stack. `now` gives milliseconds of a clock that only goes forward.
 */
export function createDiagnostics(warn: (line: string) => void, now: () => number): DiagLogger {
  let silentUntil = Number.NEGATIVE_INFINITY;
  const say = (...parts: unknown[]) => {
    if (now() < silentUntil) return;
    silentUntil = now() + quietMs;
    warn(warningLine('telemetry-trouble', parts.map(messageOf).join(' ')));
  };
  const ignore = () => {};
  return { error: say, warn: say, info: ignore, debug: ignore, verbose: ignore };
}

/** One line as the logger writes them. */
export function warningLine(event: string, reason: unknown): string {
  return JSON.stringify({ event, reason: describeError(reason) });
}

/** Exporters hand over errors as JSON with a stack in it; only the message, or else the code, is of use. */
function messageOf(part: unknown): string {
  if (part instanceof Error) return part.message || part.name;
  if (Array.isArray(part)) return part.map(messageOf).join(' ');
  if (typeof part !== 'string') return '';
  if (!part.startsWith('{')) return part.split('\n', 1)[0] ?? '';
  try {
    const { message, code, name } = JSON.parse(part) as Record<string, unknown>;
    return String(message || code || name);
  } catch {
    return '';
  }
}
