import type { ToolSet } from '../../tools/toolSet.ts';
import type { VoiceConfig } from '../settings.ts';
import { type Tenant, tenantSchema } from '../tenants/tenant.ts';
import type { Lookup } from '../tenants/tenantDirectory.ts';
import { type AssistantParts, buildTransientAssistant } from './transientAssistant.ts';

/** What callers of no known business hear when the operator chose `generic`. */
const genericTenant: Tenant = {
  ...tenantSchema.parse({
    tenantId: 'generic',
    businessName: 'our business',
    businessHours: 'Mon–Fri 9am–5pm',
    services: ['general enquiries'],
    tools: { functions: [], endCall: false },
  }),
  tenantId: 'unknown',
};

const minuteMs = 60_000;

/**
 * Answers to `assistant-request`, always with HTTP 200. What a business answers with changes with the minute and
 * the tools alone, so it is made and written out once a minute for each, however often its phone rings.
 */
export class AssistantAnswers {
  readonly #settings: VoiceConfig;
  readonly #parts: AssistantParts;
  readonly #made = new WeakMap<Tenant, { minute: number; set: ToolSet; json: string }>();

  constructor(parts: AssistantParts & { settings: VoiceConfig }) {
    this.#settings = parts.settings;
    this.#parts = parts;
  }

  /**
   * The tenant's assistant, or for a line that leads nowhere (or whose tenant cannot be read) what the operator chose: a
   * spoken error, a forwarding destination, or a generic receptionist. Where the tenant cannot be read the error is that
   * of busy lines.
   */
  answer(lookup: Lookup, now: Date) {
    if (lookup.kind === 'found') return this.#assistant(lookup.tenant, now);
    const { choice, message, forwardTo } = this.#settings.unknownTenant;
    // The number is in service: whoever calls again in a minute may well be answered.
    const words = lookup.kind === 'unknown' ? message : this.#settings.overLimit.message;
    if (choice === 'forward' && forwardTo)
      return { destination: { type: 'number' as const, number: forwardTo } };
    return choice === 'generic' ? this.#assistant(genericTenant, now) : { error: words };
  }

  /** Where a limit is reached: the operator's forwarding destination, else words to the caller. */
  overLimit() {
    const { message, forwardTo } = this.#settings.overLimit;
    return forwardTo ? { destination: { type: 'number' as const, number: forwardTo } } : { error: message };
  }

  #assistant(tenant: Tenant, now: Date): string {
    const minute = Math.floor(now.getTime() / minuteMs);
    const set = this.#parts.tools.current();
    const made = this.#made.get(tenant);
    if (made?.minute === minute && made.set === set) return made.json;
    const json = JSON.stringify({ assistant: buildTransientAssistant(tenant, this.#parts, now) });
    this.#made.set(tenant, { minute, set, json });
    return json;
  }
}
