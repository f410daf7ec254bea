import { randomUUID } from 'node:crypto';
import { raceDeadline, timedOut } from '../deadline.ts';
import { errorFields, type Logger } from '../telemetry/logger.ts';
import type { ToolOutcome } from '../tools/registry.ts';
import type { ToolContext } from '../tools/tool.ts';
import type { KeyHolder } from './keys/mcpKey.ts';
import { type OfferDeps, type Offered, offerTo, type TenantView } from './offer.ts';
import { type Collection, type RecordView, readRecord } from './records.ts';
import type { Repeats } from './repeats.ts';

export interface VisitDeps extends OfferDeps {
  collections: readonly Collection[];
  repeats: Pick<Repeats, 'keyOf'>;
  /** The calling number of a stored call; undefined where the call or the number is not known. */
  callerOf(tenantId: string, callId: string): Promise<string | undefined>;
  now: () => Date;
}

/** A tool that runs for nobody in particular is told this as its tenant. */
const noTenant = 'unassigned';
/** A tool waits this long for the caller's number. */
const callerMs = 1_000;

/** One request of the holder of a key: what it may list, run and read. Knows nothing of the protocol. */
export class Visit {
  readonly #deps: VisitDeps;
  readonly #holder: KeyHolder;
  readonly #tenant: TenantView | undefined;
  readonly #conversationId: string | undefined;
  readonly #log: Logger;

  constructor(
    deps: VisitDeps,
    holder: KeyHolder,
    tenant: TenantView | undefined,
    headers: Headers,
    log: Logger,
  ) {
    this.#deps = deps;
    this.#holder = holder;
    this.#tenant = tenant;
    this.#conversationId = conversationIn(headers);
    this.#log = log;
  }

  /** What the holder may read; empty where that is nothing. */
  get collections(): readonly Collection[] {
    const { tenantId, scopes } = this.#holder;
    return tenantId !== undefined && scopes.has('records') ? this.#deps.collections : [];
  }

  tools(): Promise<Offered[]> {
    return offerTo(this.#holder, this.#tenant, this.#deps);
  }

  /** Runs one of {@link tools}. */
  async run(offered: Offered, args: unknown): Promise<ToolOutcome> {
    const { registry, timeoutMs } = offered.shelf;
    return registry.run(offered.tool.name, args, await this.#context(offered, args), timeoutMs);
  }

  /** What an address stands for; undefined where that is nothing the holder may read. */
  async read(uri: string): Promise<RecordView | undefined> {
    const { tenantId } = this.#holder;
    const { collections } = this;
    if (tenantId === undefined || collections.length === 0) return undefined;
    const found = await readRecord(uri, tenantId, collections);
    const [, collection = 'unknown'] = /^gatehouse:\/\/([a-z]{1,20})/.exec(uri) ?? [];
    this.#log.info('mcp-read', { tenant: tenantId, by: this.#holder.keyId, collection, found: !!found });
    return found;
  }

  async #context({ tool, shelf }: Offered, args: unknown): Promise<ToolContext> {
    const { now, auditTools } = this.#deps;
    const { keyId, tenantId = noTenant } = this.#holder;
    const at = now();
    const isOwn = shelf === auditTools;
    const [caller, idempotencyKey] = await Promise.all([
      isOwn ? `mcp-${keyId}` : this.#caller(tenantId),
      tool.sideEffect ? this.#idempotencyKey(tenantId, tool.name, args, at) : randomUUID(),
    ]);
    const conversationId = this.#conversationId;
    return { tenantId, caller, conversationId, idempotencyKey, askedAt: at, now: at, log: this.#log };
  }

  /** Without a conversation nothing tells a repeated request from a new one. */
  async #idempotencyKey(tenantId: string, tool: string, args: unknown, at: Date): Promise<string> {
    const conversationId = this.#conversationId;
    return conversationId === undefined
      ? randomUUID()
      : this.#deps.repeats.keyOf({ tenantId, conversationId, tool, args }, at, this.#log);
  }

  /** By the stored call: who calls never comes from what a model has written. */
  async #caller(tenantId: string): Promise<string | undefined> {
    if (this.#conversationId === undefined) return undefined;
    try {
      const caller = await raceDeadline(this.#deps.callerOf(tenantId, this.#conversationId), callerMs);
      return caller === timedOut ? undefined : caller;
    } catch (error) {
      this.#log.warn('mcp-caller-unavailable', errorFields(error));
      return undefined;
    }
  }
}

/** Vapi names the call, or the chat, that a tool runs in. */
function conversationIn(headers: Headers): string | undefined {
  const ids = [headers.get('x-call-id'), headers.get('x-chat-id')];
  return ids.find((id): id is string => id !== null && /^[\w.:-]{1,128}$/.test(id));
}
