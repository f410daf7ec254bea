import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../shared/errors.ts';
import { errorType, span, traced } from '../../../shared/telemetry/spans.ts';
import { type MemoryTelemetry, startMemoryTelemetry } from '../../support/telemetry.ts';

let memory: MemoryTelemetry;
beforeEach(() => {
  memory = startMemoryTelemetry();
});
afterEach(() => memory.stop());

const pause = () => new Promise((resolve) => setTimeout(resolve, 2));

describe('traced', () => {
  it('gives what the work gives, with kind and attributes', async () => {
    const given = await traced(
      'audit',
      async (running) => {
        running.set({ 'gatehouse.engine': 'lexical', 'gatehouse.none': undefined });
        return running.traceId;
      },
      { kind: 'consumer', attributes: { 'gatehouse.files': 3 } },
    );
    const [audit] = memory.spans();
    expect(audit).toMatchObject({
      name: 'audit',
      kind: SpanKind.CONSUMER,
      attributes: { 'gatehouse.files': 3, 'gatehouse.engine': 'lexical' },
      status: { code: SpanStatusCode.UNSET },
    });
    expect(given).toBe(audit?.spanContext().traceId);
  });

  it('keeps parents across await, also when several run at once', async () => {
    await traced('root', () =>
      Promise.all(
        ['a', 'b'].map((name) =>
          traced(name, async () => {
            await pause();
            await traced(`${name}-inner`, pause);
            span(`${name}-sync`, () => 1);
          }),
        ),
      ),
    );
    const spans = memory.spans();
    const idOf = (name: string) => spans.find((one) => one.name === name)?.spanContext().spanId;
    const parents = Object.fromEntries(spans.map((one) => [one.name, one.parentSpanContext?.spanId]));
    expect(parents).toEqual({
      root: undefined,
      a: idOf('root'),
      b: idOf('root'),
      'a-inner': idOf('a'),
      'b-inner': idOf('b'),
      'a-sync': idOf('a'),
      'b-sync': idOf('b'),
    });
    expect(new Set(spans.map((one) => one.spanContext().traceId)).size).toBe(1);
  });

  it('ends at the end of the work, not before', async () => {
    await traced('slow', async () => {
      await pause();
      expect(memory.spans()).toEqual([]);
    });
    expect(memory.spans()).toHaveLength(1);
  });

  it.each([
    [
      new AppError('engine-timeout', 'The engine took too long'),
      'engine-timeout',
      'AppError',
      'The engine took too long',
    ],
    [new TypeError('no caller +61 491 570 156'), 'TypeError', 'TypeError', 'no caller [number]'],
    ['Bearer abc.def', '_OTHER', 'string', '[credential]'],
  ])('marks the span of %s and throws it on', async (error, type, exception, message) => {
    const work = async () => {
      await pause();
      throw error;
    };
    await expect(traced('failing', work)).rejects.toBe(error);
    const [failing] = memory.spans();
    expect(failing?.status).toEqual({ code: SpanStatusCode.ERROR });
    expect(failing?.attributes).toEqual({ 'error.type': type });
    expect(failing?.events.map(({ name, attributes }) => ({ name, attributes }))).toEqual([
      { name: 'exception', attributes: { 'exception.type': exception, 'exception.message': message } },
    ]);
    expect(errorType(error)).toBe(type);
  });

  it('runs the work without telemetry too', async () => {
    await memory.stop();
    const traceId = await traced('nothing', async (running) => {
      running.set({ a: 1 });
      return running.traceId;
    });
    expect(traceId).toBeUndefined();
    const error = new Error('x');
    await expect(traced('nothing', () => Promise.reject(error))).rejects.toBe(error);
  });
});

describe('span', () => {
  it('works as traced for work without await', () => {
    const error = new RangeError('out');
    expect(span('outer', () => span('inner', () => 7, { kind: 'client' }))).toBe(7);
    expect(() =>
      span('failing', () => {
        throw error;
      }),
    ).toThrow(error);
    const [inner, outer, failing] = memory.spans();
    expect(inner).toMatchObject({ name: 'inner', kind: SpanKind.CLIENT });
    expect(inner?.parentSpanContext?.spanId).toBe(outer?.spanContext().spanId);
    expect(failing?.attributes).toEqual({ 'error.type': 'RangeError' });
  });
});
