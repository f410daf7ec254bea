import { globSync, readFileSync } from 'node:fs';
import { type Tenant, tenantSchema } from '../../shared/voice/tenants/tenant.ts';
import { root } from './process.ts';
import { createVoice, sampleMessage } from './voice.ts';

type Json = Record<string, unknown>;

/** What is said, or what the model calls: a function of Gatehouse's, or a tool of Vapi's own. */
type Turn =
  | { caller: string }
  | { receptionist: string }
  | { tool: string; arguments: Json }
  | { vapi: string; to?: string };

export interface Script {
  tenantId: string;
  title: string;
  /** ISO 8601, with the offset of the business. */
  at: string;
  /** E.164. */
  caller: string;
  turns: Turn[];
}

export interface Assistant {
  firstMessage: string;
  voice: { provider: string; voiceId: string };
  model: {
    provider: string;
    model: string;
    messages: [{ content: string }];
    tools: { type: string; function?: { name: string } }[];
  };
}

export interface PlayedCall {
  script: Script;
  tenant: Tenant;
  assistant: Assistant;
  /** The turns, with what Gatehouse answered. */
  turns: (Turn & { result?: string })[];
  /** What is stored of the caller's wishes. */
  leads: Json[];
}

/** The scripts of the played calls, in order. */
export const scripts = (): Script[] =>
  globSync(`${root}local/sample/played/*.json`)
    .sort()
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Script);

export const businesses = (): Tenant[] =>
  (JSON.parse(readFileSync(`${root}local/sample/businesses.json`, 'utf8')) as unknown[]).map((tenant) =>
    tenantSchema.parse(tenant),
  );

/** Plays a script against the webhook: the phone rings, and each tool the script calls is called. */
export async function play(script: Script): Promise<PlayedCall> {
  const tenants = businesses();
  const tenant = tenants.find(({ tenantId }) => tenantId === script.tenantId);
  if (!tenant) throw new Error(`no business is called ${script.tenantId}`);
  const voice = await createVoice({ tenants, now: () => new Date(script.at) });
  const line = { phoneNumber: { id: tenant.phoneNumberIds[0] }, customer: { number: script.caller } };
  const call = {
    id: `call of ${script.tenantId}`,
    phoneNumberId: tenant.phoneNumberIds[0],
    customer: line.customer,
  };
  const base = { ...line, call, timestamp: Date.parse(script.at) };
  const { body } = await voice.answer(sampleMessage('assistant-request', base));
  const turns: PlayedCall['turns'] = [];
  for (const turn of script.turns) {
    if (!('tool' in turn)) {
      turns.push(turn);
      continue;
    }
    const asked = {
      id: `call_${turns.length}`,
      type: 'function',
      function: { name: turn.tool, arguments: turn.arguments },
    };
    const message = { type: 'tool-calls', ...base, toolCallList: [asked], toolCalls: [asked] };
    const { results } = (await voice.answer(message)).body as {
      results: { result?: string; error?: string }[];
    };
    turns.push({ ...turn, result: results[0]?.result ?? `error: ${results[0]?.error}` });
  }
  const page = await voice.leads.page(script.tenantId, { limit: 10 });
  return {
    script,
    tenant,
    assistant: body.assistant as Assistant,
    turns,
    leads: page.items as unknown as Json[],
  };
}
