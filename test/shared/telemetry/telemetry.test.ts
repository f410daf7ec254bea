import { SeverityNumber } from '@opentelemetry/api-logs';
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base';
import { describe, expect, it } from 'vitest';
import { createLogger, errorFields, type Level, type LogSink } from '../../../shared/telemetry/logger.ts';
import { redactFields, redactText } from '../../../shared/telemetry/redact.ts';
import { traced } from '../../../shared/telemetry/spans.ts';
import { startMemoryTelemetry } from '../../support/telemetry.ts';

describe('redactText', () => {
  it.each([
    ['call +61 491 570 156 now', 'call [number] now'],
    ['(02) 5550 1234', '([number]'],
    ['from +61491570156', 'from [number]'],
    ['%2B61255501234, caller61255501234, 61255501234x', '%2B[number], caller[number], [number]x'],
    ['Authorization: Bearer abc.def', 'Authorization: [credential]'],
    ['AccountKey=abc==;EndpointSuffix', '[credential];EndpointSuffix'],
    ['?sv=1&sig=abc%3D', '?sv=1&[credential]'],
    ['key sk-abcdefgh1234', 'key [credential]'],
  ])('%s', (given, expected) => {
    expect(redactText(given)).toBe(expected);
  });

  it.each([
    '0c8a6a52-6f1e-4f0e-9a61-5d2c7e3b9f01',
    '4549a13ad84738249f674549a13ad847',
    '2026-11-21',
    'took 1234 ms',
    'lead_1',
  ])('leaves %s', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

describe('redactFields', () => {
  it('drops what must never be written, at any depth', () => {
    expect(
      redactFields({
        callId: 'c',
        customer: { number: 'x' },
        nested: { transcript: 't', ok: 1 },
        list: ['+61491570156'],
        apiKey: 'k',
        durationMs: 12345678,
      }),
    ).toEqual({ callId: 'c', nested: { ok: 1 }, list: ['[number]'], durationMs: 12345678 });
  });
});

function recorder(): { sink: LogSink; lines: [Level, string][] } {
  const lines: [Level, string][] = [];
  const write = (level: Level) => (line: string) => void lines.push([level, line]);
  return {
    sink: { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') },
    lines,
  };
}

describe('createLogger', () => {
  it('writes one JSON object a line with what it is bound to', () => {
    const { sink, lines } = recorder();
    createLogger(sink, 'info', { correlationId: 'c1' }).info('done', { tools: 2 });
    expect(lines).toEqual([['info', '{"event":"done","correlationId":"c1","tools":2}']]);
  });

  it('writes nothing below its level', () => {
    const { sink, lines } = recorder();
    const log = createLogger(sink, 'warn');
    log.debug('a');
    log.info('b');
    log.warn('c');
    log.error('d');
    expect(lines.map(([level]) => level)).toEqual(['warn', 'error']);
  });

  it('sends the same as log records of the running span while telemetry is on', async () => {
    const memory = startMemoryTelemetry();
    const { sink, lines } = recorder();
    const log = createLogger(sink, 'info', { correlationId: 'c1' });
    await traced('call', async () => {
      log.debug('unseen');
      log.info('done', { apiKey: 'k', caller: 'x', from: '+61491570156', cause: { code: 'ECONNREFUSED' } });
    });
    log.error('later');
    const records = memory.logs();
    const [call] = memory.spans();
    await memory.stop();
    log.warn('after');
    const attributes = { correlationId: 'c1', from: '[number]', cause: { code: 'ECONNREFUSED' } };
    expect(records.map(({ eventName, body }) => [eventName, body])).toEqual([
      ['done', 'done'],
      ['later', 'later'],
    ]);
    expect(records[0]).toMatchObject({ severityNumber: SeverityNumber.INFO, severityText: 'INFO' });
    expect(records[0]?.attributes).toEqual(attributes);
    expect(records[0]?.spanContext).toEqual(call?.spanContext());
    expect(records[1]).toMatchObject({ severityNumber: SeverityNumber.ERROR, spanContext: undefined });
    expect(memory.logs()).toEqual([]);
    expect(lines[0]).toEqual(['info', JSON.stringify({ event: 'done', ...attributes })]);
    expect(lines.map(([level]) => level)).toEqual(['info', 'error', 'warn']);
  });

  it('sends warnings and errors alone of a trace that is not kept', async () => {
    const memory = startMemoryTelemetry({ sampler: new AlwaysOffSampler() });
    const { sink, lines } = recorder();
    const log = createLogger(sink, 'debug');
    await traced('call', async () => {
      log.debug('detail');
      log.info('done');
      log.warn('odd');
      log.error('failed');
    });
    log.info('outside');
    const records = memory.logs();
    await memory.stop();
    expect(records.map(({ eventName }) => eventName)).toEqual(['odd', 'failed', 'outside']);
    expect(lines).toHaveLength(5);
  });
});

describe('errorFields', () => {
  it('tells kind, code and causes, cleaned', () => {
    const cause = Object.assign(new TypeError('no +61491570156'), { code: 'ECONNREFUSED' });
    const error = Object.assign(new Error('outer', { cause }), { statusCode: 503 });
    expect(errorFields(error)).toEqual({
      error: 'Error',
      reason: 'outer',
      status: 503,
      cause: { error: 'TypeError', reason: 'no [number]', code: 'ECONNREFUSED' },
    });
    expect(errorFields('thrown text')).toEqual({ error: 'thrown text' });
  });
});
