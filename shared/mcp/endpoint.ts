import type { Answer } from '../http/answer.ts';
import { sourceAddressOf } from '../http/identity.ts';
import { limitHeaders, toLimitError } from '../limits/answer.ts';
import type { Logger } from '../telemetry/logger.ts';
import { tryJson } from '../tryJson.ts';
import { type AccessDeps, authenticate } from './access.ts';
import type { KeyHolder } from './keys/mcpKey.ts';
import { askedIn } from './messages.ts';
import type { TenantView } from './offer.ts';
import type { ServerFacts } from './server.ts';
import type { McpConfig } from './settings.ts';
import { Visit, type VisitDeps } from './visit.ts';

export interface McpDeps extends AccessDeps, VisitDeps {
  facts: ServerFacts;
  settings: McpConfig;
}

/** A request as it came. */
export interface McpRequest {
  method: string;
  url: string;
  headers: Headers;
  /** Reads the body: only of those who have a key. @throws AppError `payload-too-large`. */
  read(): Promise<Uint8Array>;
}

/** The Model Context Protocol over streamable HTTP, without sessions: each request is answered by itself. */
export class McpEndpoint {
  readonly #deps: McpDeps;

  constructor(deps: McpDeps) {
    this.#deps = deps;
  }

  /** @throws AppError of {@link authenticate}, `payload-too-large`, or a limit's. */
  async answer({ method, url, headers, read }: McpRequest, log: Logger): Promise<Answer> {
    const { settings, facts, now } = this.#deps;
    const origin = headers.get('origin');
    if (origin !== null && !settings.origins.includes(origin))
      return refusal(403, 'This origin is not allowed.');
    if (method !== 'POST') return refusal(405, 'Method not allowed.', { allow: 'POST' });
    const { holder, tenant } = await authenticate(headers, sourceAddressOf(headers), this.#deps);
    const text = Buffer.from(await read()).toString();
    const body = tryJson(text);
    const asked = askedIn(body);
    const limits = await this.#admit(holder, tenant, asked.requests, log);
    const visit = new Visit(this.#deps, holder, tenant, headers, log);
    // The protocol's package is read by the first request that speaks it, not when the instance starts.
    const { answerMcp } = await import('./server.ts');
    const began = now().getTime();
    const sent = new Request(url, { method, headers, body: text });
    const response = await answerMcp(sent, body, visit, facts, log);
    const answer = await response.text();
    log.info('mcp', {
      key: holder.keyId,
      tenant: holder.tenantId,
      method: asked.method,
      status: response.status,
      durationMs: now().getTime() - began,
    });
    return {
      status: response.status,
      headers: { ...Object.fromEntries(response.headers), ...limits },
      body: answer,
    };
  }

  /** Gives the headers that tell a client how its limits stand. */
  async #admit(
    { tenantId }: KeyHolder,
    tenant: TenantView | undefined,
    requests: number,
    log: Logger,
  ): Promise<Record<string, string>> {
    const subject = tenantId === undefined ? {} : { tenant: tenantId };
    const { limiter, now } = this.#deps;
    const decision = await limiter.check('tool-calls', subject, { requests }, 'none', tenant?.limits);
    if (decision.kind !== 'allowed') throw toLimitError(decision, now());
    const { permit, shadowed } = decision;
    if (shadowed.length > 0) log.warn('limit-shadow-refusal', { operation: 'tool-calls', limits: shadowed });
    return {
      ...limitHeaders(decision.limits()),
      ...(permit.degraded ? { 'gatehouse-degraded': 'limits' } : {}),
    };
  }
}

/** A refusal as JSON-RPC has it: without an id, as nothing of the body was read. */
function refusal(status: number, message: string, headers: Record<string, string> = {}): Answer {
  return { status, headers, jsonBody: { jsonrpc: '2.0', id: null, error: { code: -32_000, message } } };
}
