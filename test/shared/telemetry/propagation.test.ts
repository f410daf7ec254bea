import { InvocationContext } from '@azure/functions';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  carrierOf,
  continueTrace,
  currentTrace,
  type TraceCarrier,
} from '../../../shared/telemetry/propagation.ts';
import { traced } from '../../../shared/telemetry/spans.ts';
import { type MemoryTelemetry, startMemoryTelemetry } from '../../support/telemetry.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const remote = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };

let memory: MemoryTelemetry;
beforeEach(() => {
  memory = startMemoryTelemetry();
});
afterEach(() => memory.stop());

const pause = () => new Promise((resolve) => setTimeout(resolve, 2));

it('a carrier goes through a message and across await into the same trace', async () => {
  const queue: string[] = [];
  await continueTrace({ ...remote, tracestate: 'vendor=1' }, () =>
    traced('send', async () => {
      await pause();
      queue.push(JSON.stringify(currentTrace()));
    }),
  );
  await continueTrace(JSON.parse(queue[0] ?? '') as TraceCarrier, async () => {
    await pause();
    await traced('receive', pause);
  });
  const [send, receive] = memory.spans();
  expect(send?.spanContext().traceId).toBe(traceId);
  expect(send?.parentSpanContext?.spanId).toBe('b7ad6b7169203331');
  expect(receive?.spanContext().traceId).toBe(traceId);
  expect(receive?.parentSpanContext?.spanId).toBe(send?.spanContext().spanId);
  expect(receive?.spanContext().traceState?.serialize()).toBe('vendor=1');
});

describe('currentTrace', () => {
  it('is empty where nothing runs or nothing is traced', async () => {
    expect(currentTrace()).toEqual({});
    await memory.stop();
    expect(await traced('x', async () => currentTrace())).toEqual({});
  });

  it('is the running span', async () => {
    const carrier = await traced('x', async () => currentTrace());
    const ids = memory.spans()[0]?.spanContext();
    expect(carrier).toEqual({ traceparent: `00-${ids?.traceId}-${ids?.spanId}-01` });
  });
});

describe('continueTrace', () => {
  it.each([
    [undefined],
    [{}],
    [{ traceparent: 'nonsense' }],
    [{ traceparent: `00-${'0'.repeat(32)}-b7ad6b7169203331-01` }],
    [{ tracestate: 'vendor=1' }],
  ])('ignores %j and gives what the work gives', (carrier) => {
    expect(continueTrace(carrier, () => currentTrace())).toEqual({});
  });

  it('leaves the caller where it was', () => {
    expect(continueTrace(remote, () => currentTrace())).toEqual(remote);
    expect(currentTrace()).toEqual({});
  });
});

describe('carrierOf', () => {
  it('reads the trace context of an invocation', () => {
    const { traceContext } = new InvocationContext({
      traceContext: { traceParent: remote.traceparent, traceState: 'vendor=1' },
    });
    expect(carrierOf(traceContext)).toEqual({ ...remote, tracestate: 'vendor=1' });
    expect(carrierOf(new InvocationContext().traceContext)).toEqual({});
    expect(carrierOf({ traceParent: '', traceState: '' })).toEqual({});
  });
});
