import { describe, expect, it } from 'vitest';
import { createDiagnostics } from '../../../shared/telemetry/diagnostics.ts';

function setup() {
  const lines: string[] = [];
  let ms = 0;
  const diagnostics = createDiagnostics(
    (line) => lines.push(line),
    () => ms,
  );
  const wait = (more: number) => {
    ms += more;
  };
  return { diagnostics, lines, wait };
}

describe('createDiagnostics', () => {
  it('passes on at most one line a minute', () => {
    const { diagnostics, lines, wait } = setup();
    for (let second = 0; second < 150; second++) {
      diagnostics.error('no answer');
      diagnostics.warn('dropped');
      wait(1000);
    }
    expect(lines).toEqual(Array(3).fill('{"event":"telemetry-trouble","reason":"no answer"}'));
  });

  it('says nothing of what is no trouble', () => {
    const { diagnostics, lines } = setup();
    diagnostics.info('a');
    diagnostics.debug('b');
    diagnostics.verbose('c');
    expect(lines).toEqual([]);
  });

  it.each([
    [['component', new TypeError('fetch failed')], 'component fetch failed'],
    [[new Error('')], 'Error'],
    [['Failed:\n    at file.js:1:1'], 'Failed:'],
    [
      ['{"stack":"Error: x\\n at y","message":"connect ECONNREFUSED","name":"Error"}'],
      'connect ECONNREFUSED',
    ],
    [['{"stack":"AggregateError","code":"ECONNREFUSED"}'], 'ECONNREFUSED'],
    [['{half'], ''],
    [['a', ['b', new Error('c')], { secret: 1 }, 7], 'a b c  '],
    [['Authorization: Bearer abc.def'], 'Authorization: [credential]'],
  ])('%j becomes %s', (parts, reason) => {
    const { diagnostics, lines } = setup();
    diagnostics.error(...(parts as [string, ...unknown[]]));
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      { event: 'telemetry-trouble', reason },
    ]);
  });
});
