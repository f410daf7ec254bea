import { recordMetric } from '../telemetry/instruments.ts';
import type { Bill } from './bill.ts';

export interface ModelCallFacts {
  provider: string;
  model: string;
  /** `done`, or the failure's code. */
  outcome: string;
  seconds: number;
  bill: Pick<Bill, 'tokens' | 'cost' | 'isUnpriced'>;
}

/** One call of a model in the GenAI conventions' instruments, and what it cost, which they have none for. */
export function reportModelCall({ provider, model, outcome, seconds, bill }: ModelCallFacts): void {
  const { tokens, cost, isUnpriced } = bill;
  const who = { 'gen_ai.provider.name': provider, 'gen_ai.request.model': model };
  const operation = { ...who, 'gen_ai.operation.name': 'chat' };
  const error = outcome === 'done' ? undefined : outcome;
  recordMetric('gen_ai.client.operation.duration', seconds, { ...operation, 'error.type': error });
  recordMetric('gatehouse.llm.calls', 1, { 'gen_ai.request.model': model, 'gatehouse.outcome': outcome });
  const { input = 0, cached = 0, written = 0, output = 0 } = tokens ?? {};
  const text = { ...who, 'gen_ai.token.modality': 'text' };
  recordMetric('gen_ai.client.inference.usage.input_tokens', input, text);
  recordMetric('gen_ai.client.inference.usage.output_tokens', output, text);
  recordMetric('gen_ai.client.inference.usage.cache_read.input_tokens', cached, text);
  recordMetric('gen_ai.client.inference.usage.cache_write.input_tokens', written, text);
  if (isUnpriced) recordMetric('gatehouse.llm.unpriced', 1, { 'gen_ai.request.model': model });
  else if (cost !== undefined)
    recordMetric('gatehouse.llm.cost', cost / 1_000_000, { 'gen_ai.request.model': model });
  if (!tokens) return;
  recordMetric('gen_ai.client.token.usage', input, { ...operation, 'gen_ai.token.type': 'input' });
  recordMetric('gen_ai.client.token.usage', output, { ...operation, 'gen_ai.token.type': 'output' });
}
