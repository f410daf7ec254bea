/** Delays before the second and later tries, in milliseconds, where the service names none. */
const firstDelay = 1000;
const longestDelay = 30_000;
/** Connections that fail one after the other are given up: it is not there. Names that do not exist, sooner. */
const mostConnections = 6;
const mostLookUps = 3;

/** What went wrong, as far as another try depends on it. */
export type Setback =
  | { kind: 'no-answer'; code: string }
  /** The service, or what stands before it, asks to come back later. */
  | { kind: 'busy'; retryAfterMs: number | undefined };

/** Milliseconds to wait before the next try; undefined where another makes no sense. `nth` failures came in a row. */
export function retryDelay(setback: Setback, nth: number, random: number): number | undefined {
  const grown = Math.min(firstDelay * 2 ** (nth - 1), longestDelay);
  const jittered = Math.round(grown * (0.75 + random / 2));
  if (setback.kind === 'busy') return setback.retryAfterMs ?? jittered;
  if (!isPassing(setback.code)) return undefined;
  const most = /^(?:ENOTFOUND|EAI_AGAIN)$/.test(setback.code) ? mostLookUps : mostConnections;
  return nth < most ? jittered : undefined;
}

/** A wrong certificate or a wrong protocol stays wrong. */
function isPassing(code: string): boolean {
  return /^(?:ECONN|EPIPE|EGATEWAY|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_|HPE_INVALID_EOF)/.test(
    code,
  );
}
