import { z } from 'zod';
import type { OutboundAnswer, OutboundRequest } from '../../net/safeFetch.ts';
import { boundedJson } from '../boundedJson.ts';
import type { ToolContext } from '../tool.ts';
import type { CodeBundle, CodePorts } from './bundle.ts';
import type { Reply } from './frames.ts';
import type { CodeLimits } from './limits.ts';
import type { SecretMask } from './secretMask.ts';

/** What the code of a tool can reach during one call. None of them throws. */
export interface CallServices {
  fetch(given: unknown, deadlineMs: number): Promise<Reply>;
  secret(given: unknown): Reply;
  /** `fields` is JSON text. */
  log(event: string, fields: string): void;
}

/** A request as `ctx.fetch` hands it over. */
export const fetchSchema = z.object({
  url: z.string().max(4096),
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('GET'),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.string().optional(),
});

const eventName = /^[\w.:-]{1,64}$/;

/** The services of a call that somebody made: what the bundle may reach, and nothing else. */
export function liveServices(
  bundle: CodeBundle,
  ports: CodePorts,
  limits: CodeLimits,
  mask: SecretMask,
  log: ToolContext['log'],
): CallServices {
  let lines = 0;
  return {
    async fetch(given, deadlineMs) {
      const request = fetchSchema.safeParse(given);
      if (!request.success) return { ok: false, code: 'request' };
      const { body, ...rest } = request.data;
      if (Buffer.byteLength(body ?? '') > limits.fetchBytes) return { ok: false, code: 'size' };
      if (!mayAsk(bundle.hosts, rest.url)) return { ok: false, code: 'host' };
      const sent: OutboundRequest = { ...rest, deadlineMs, maxBytes: limits.fetchBytes };
      return fetchReply(await ports.fetch(body === undefined ? sent : { ...sent, body }));
    },
    secret(given) {
      const value =
        typeof given === 'string' && bundle.secrets.includes(given) ? ports.secret(given) : undefined;
      if (value === undefined) return { ok: false, code: 'secret' };
      mask.add(value);
      return { ok: true, value };
    },
    log(event, fields) {
      if (++lines > limits.logLines) return;
      const says = eventName.test(event) ? mask.text(event) : 'unnamed';
      log.info('tool-log', {
        tool: bundle.name,
        says,
        fields: mask.value(boundedJson(fields, limits.logLine)),
      });
    },
  };
}

/** True for an https address of one of the hosts. */
function mayAsk(hosts: readonly string[], text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === 'https:' && hosts.some((host) => host.toLowerCase() === url.host);
}

function fetchReply(answer: OutboundAnswer): Reply {
  if (answer.kind === 'refused') return { ok: false, code: answer.reason };
  if (answer.kind === 'failed') return { ok: false, code: answer.cause };
  const { status, headers, body } = answer;
  return { ok: true, value: { status, headers: Object.fromEntries(headers), ...body } };
}
