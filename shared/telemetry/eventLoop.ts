import { monitorEventLoopDelay } from 'node:perf_hooks';
import { type BatchObservableResult, metrics } from '@opentelemetry/api';
import { instruments, meterOf } from './instruments.ts';

const nanosecondsPerSecond = 1e9;

/**
 * Observes how late the event loop runs, each export speaking of the time since the last. Values are those of
 * `perf_hooks.monitorEventLoopDelay`, as the semantic conventions ask, so an idle loop shows the sampling interval of
 * 20 ms. Does nothing where metrics go nowhere. Returns what ends it.
 */
export function observeEventLoop(): () => void {
  const meter = meterOf(metrics.getMeterProvider());
  if (!meter) return () => {};
  const delay = monitorEventLoopDelay({ resolution: 20 });
  const gauge = (name: 'nodejs.eventloop.delay.max' | 'nodejs.eventloop.delay.p99') => {
    const { unit, description } = instruments[name];
    return meter.createObservableGauge(name, { unit, description });
  };
  const max = gauge('nodejs.eventloop.delay.max');
  const p99 = gauge('nodejs.eventloop.delay.p99');
  const read = (result: BatchObservableResult) => {
    if (delay.count === 0) return;
    result.observe(max, delay.max / nanosecondsPerSecond);
    result.observe(p99, delay.percentile(99) / nanosecondsPerSecond);
    delay.reset();
  };
  delay.enable();
  meter.addBatchObservableCallback(read, [max, p99]);
  return () => {
    meter.removeBatchObservableCallback(read, [max, p99]);
    delay.disable();
  };
}
