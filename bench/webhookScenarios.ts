/** What is asked of the webhook: a phone that rings, and a running call that needs a tool. */
import { readFileSync } from 'node:fs';

export interface Scenario {
  name: string;
  body: string;
  /** Text in the body that every request replaces by its own. */
  unique?: string;
  /** The tenant is read from storage for every request, as the first call after a while has it. */
  isCold?: boolean;
  /** Largest ratios to the peer that are good; the others are only reported. */
  goals?: Partial<Record<Percentile, number>>;
}

export const percentiles = ['p50', 'p95', 'p99'] as const;
export type Percentile = (typeof percentiles)[number];

function sample(name: string): Record<string, unknown> {
  const file = new URL(`../local/sample/calls/${name}.json`, import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { message: Record<string, unknown> }).message;
}

const phoneRings = JSON.stringify({ message: sample('assistant-request') });

/** A tool-calls message as heavy as those of a real call 45 s in: about 50 KB, with the assistant and all that was said. */
function heavyToolCall(tool: string): string {
  const message = sample('tool-calls');
  const said = (message.artifact as { messages: unknown[] }).messages;
  const messages = Array.from({ length: 45 }, (_, i) => said[i % said.length]);
  const assistant = {
    name: 'Acme Plumbing',
    model: {
      provider: 'openai',
      model: 'gpt-4o',
      messages: [{ role: 'system', content: 'You answer the phone. '.repeat(300) }],
    },
  };
  const call = {
    id: 'call_bench',
    type: 'function',
    function: { name: tool, arguments: { service: 'Blocked drains', urgency: 'today' } },
  };
  const heavy = {
    ...message,
    customer: { number: 'caller of call_bench' },
    assistant,
    call: { ...(message.call as object), assistant },
    artifact: { messages, messagesOpenAIFormatted: messages, assistant },
    toolCalls: [call],
    toolCallList: [call],
  };
  return JSON.stringify({ message: heavy });
}

const hours = heavyToolCall('get_business_hours');

export const scenarios: readonly Scenario[] = [
  { name: 'assistant-request, warm', body: phoneRings, goals: { p50: 1.5, p99: 1.5 } },
  { name: 'tool-calls 50 KB, get_business_hours, warm', body: hours, goals: { p50: 1.5 } },
  {
    name: 'tool-calls 50 KB, create_lead stored',
    body: heavyToolCall('create_lead'),
    unique: 'call_bench',
  },
  { name: 'assistant-request, cold', body: phoneRings, isCold: true },
  { name: 'tool-calls 50 KB, get_business_hours, cold', body: hours, isCold: true },
];
