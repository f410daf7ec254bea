import type { CannedFetch } from './bundle.ts';
import { type CallServices, fetchSchema } from './callServices.ts';

/** The services of a self-test: answers that the tool brought along, and made-up secrets. Nothing leaves the machine. */
export function cannedServices(fetches: readonly CannedFetch[], secrets: readonly string[]): CallServices {
  return {
    async fetch(given) {
      const { data } = fetchSchema.safeParse(given);
      const canned = fetches.find(({ url, method }) => url === data?.url && method === data.method);
      if (!canned) return { ok: false, code: 'not-canned' };
      const { status, body = '' } = canned;
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const value = { status, headers: {}, text, truncated: false };
      return { ok: true, value };
    },
    secret: (given) =>
      typeof given === 'string' && secrets.includes(given)
        ? { ok: true, value: `value-of-${given}` }
        : { ok: false, code: 'secret' },
    log() {},
  };
}
