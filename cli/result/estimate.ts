import { count, dollars, duration, whole } from '../output/numbers.ts';
import { is, isRecord, orNull, shape } from './shape.ts';

/** What an audit would need. */
export interface Estimate {
  parts: number;
  calls: number;
  input_tokens: number;
  output_tokens: number;
  /** Null where the price is not known. */
  cost_usd: number | null;
  seconds: number;
}

const number = is('number');
const estimateShape = shape({
  parts: number,
  calls: number,
  input_tokens: number,
  output_tokens: number,
  cost_usd: orNull(number),
  seconds: number,
});

/** @throws Failure for what is no estimate */
export function readEstimate(body: unknown): Estimate {
  const given = isRecord(body) ? { ...body, cost_usd: body.cost_usd ?? null } : body;
  estimateShape(given, '');
  return given as Estimate;
}

/** An estimate in a sentence. */
export function estimateText(estimate: Estimate): string {
  const { parts, calls, input_tokens, output_tokens, cost_usd, seconds } = estimate;
  const time = `about ${duration(seconds * 1000)}`;
  if (calls === 0) return `no model is called; ${time}`;
  const money = cost_usd === null ? 'at an unknown price' : `about ${dollars(cost_usd)}`;
  return `${whole(input_tokens)} tokens in, ${whole(output_tokens)} out, ${count(calls, 'call')}, ${count(parts, 'part')}; ${money}, ${time}`;
}
