import { recordMetric } from '../telemetry/instruments.ts';
import type { ModelCalls } from '../usage/modelCalls.ts';
import type { CachedAnswer } from './answerCache.ts';
import type { AuditEngine } from './engines/engine.ts';
import type { RunScope } from './jobs/auditRunner.ts';

/** Writes down what an audit did not cost: packing saves when a model is asked, the cache when it is not. */
export async function noteSavings(
  { answer: { usage }, tokens }: CachedAnswer,
  isHit: boolean,
  {
    engine,
    savings,
    scope: { caller, log },
  }: {
    engine: Pick<AuditEngine, 'name' | 'model'>;
    savings: Pick<ModelCalls, 'saved'>;
    scope: RunScope;
  },
): Promise<void> {
  if (!usage) return;
  const model = engine.model ?? engine.name;
  const packed = { input: Math.max(0, tokens.json - tokens.packed), cached: 0, written: 0, output: 0 };
  const cached = {
    input: usage.input_tokens,
    cached: usage.cached_input_tokens,
    written: usage.written_input_tokens,
    output: usage.output_tokens,
  };
  const saved = isHit ? cached : packed;
  const saving = { 'gatehouse.saving': isHit ? 'cache' : 'packing' };
  const { microUsd } = await savings.saved({ deployment: model, caller }, saved, isHit ? 1 : 0, log);
  recordMetric('gatehouse.saved.tokens', saved.input + saved.output, saving);
  if (microUsd !== undefined)
    recordMetric('gatehouse.saved.cost', microUsd / 1_000_000, { ...saving, 'gen_ai.request.model': model });
}
