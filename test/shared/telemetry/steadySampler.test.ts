import { ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { SamplingDecision } from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import { SteadySampler } from '../../../shared/telemetry/steadySampler.ts';

const under = (traceFlags: number) =>
  trace.setSpanContext(ROOT_CONTEXT, { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), traceFlags });

function setup(perSecond = 10) {
  const time = { now: 0 };
  const sampler = new SteadySampler(perSecond, () => time.now);
  const isKept = (context = ROOT_CONTEXT) =>
    sampler.shouldSample(context).decision === SamplingDecision.RECORD_AND_SAMPLED;
  return { time, isKept };
}

describe('SteadySampler', () => {
  it('keeps everything of a quiet app', () => {
    const { time, isKept } = setup();
    for (let i = 0; i < 100; i++) {
      time.now += 100;
      expect(isKept()).toBe(true);
    }
  });

  it('keeps so many a second of a busy one', () => {
    const { time, isKept } = setup();
    let kept = 0;
    for (let i = 0; i < 5_000; i++) {
      time.now += 1;
      if (isKept()) kept++;
    }
    expect(kept).toBeGreaterThanOrEqual(58);
    expect(kept).toBeLessThanOrEqual(60);
  });

  it('decides nothing that the beginning of the trace has decided', () => {
    const { isKept } = setup();
    for (let i = 0; i < 50; i++) expect([isKept(under(1)), isKept(under(0))]).toEqual([true, false]);
    expect(isKept()).toBe(true);
  });
});
