/** Methods of the protocol that are answered; of these alone the log says the name. */
const known = new Set([
  'initialize',
  'ping',
  'server/discover',
  'notifications/initialized',
  'notifications/cancelled',
  'tools/list',
  'tools/call',
  'resources/list',
  'resources/templates/list',
  'resources/read',
  'subscriptions/listen',
]);

/** What the log and the limits need to know of a body before anything is done. */
export interface Asked {
  /** Requests in it; notifications are none. */
  requests: number;
  /** The method, `batch` where there are several, `other` for one that is not known. */
  method: string;
}

/** A body as JSON-RPC has it: one message, or a batch of a 2025 revision. */
export function askedIn(body: unknown): Asked {
  const messages = (Array.isArray(body) ? body : [body]).filter(
    (message): message is Record<string, unknown> => typeof message === 'object' && message !== null,
  );
  const method = messages.length > 1 ? 'batch' : messages[0]?.method;
  return {
    requests: messages.filter(({ id }) => id !== undefined).length,
    method: method === 'batch' || known.has(String(method)) ? String(method) : 'other',
  };
}
