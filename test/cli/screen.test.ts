import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nearest } from '../../cli/options/suggest.ts';
import { bytes, dollars, duration } from '../../cli/output/numbers.ts';
import { noCommand, plain } from '../../cli/output/plainText.ts';
import { barLine, ProgressLine, stepLine } from '../../cli/output/progress.ts';
import { Screen } from '../../cli/output/screen.ts';
import { isUnicodeTerminal, makeStyle, wantsColor } from '../../cli/output/style.ts';
import { wrap } from '../../cli/output/wrap.ts';
import { retryDelay } from '../../cli/service/retryPolicy.ts';

function screenOn(isTTY: boolean, columns = 60, quiet = false) {
  const written: string[] = [];
  const sink = (name: string) => ({
    isTTY,
    columns,
    write: (text: string) => written.push(`${name}:${text}`),
  });
  const screen = new Screen({
    people: sink('people'),
    data: sink('data'),
    bar: sink('bar'),
    style: makeStyle(false, true),
    quiet,
    secret: 'the-secret-key',
  });
  return { screen, written };
}

describe('the screen', () => {
  it('takes the progress bar away for a line and draws it again below', () => {
    const { screen, written } = screenOn(true);
    screen.bar('50 %');
    screen.line('hello the-secret-key');
    screen.clearBar();
    expect(written).toEqual([
      'bar:\r\u001b[2K50 %',
      'bar:\r\u001b[2K',
      'people:hello ***\n',
      'bar:\r\u001b[2K50 %',
      'bar:\r\u001b[2K',
    ]);
  });

  it.each([
    ['no terminal', false, false],
    ['nothing wanted', true, true],
  ])('draws no bar where there is %s', (_name, isTTY, quiet) => {
    const { screen, written } = screenOn(isTTY, 60, quiet);
    screen.bar('50 %');
    screen.line('hello');
    expect(written).toEqual(quiet ? [] : ['people:hello\n']);
  });

  it('keeps the progress on one line of the terminal', () => {
    const { screen, written } = screenOn(true, 40);
    const progress = new ProgressLine(screen, () => 0);
    progress.show({ what: 'assessing', done: 3, of: 12, note: 'many thousands of tokens, and money' });
    progress.stop();
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what the terminal is told
    const drawn = (written[0] ?? '').replace(/^bar:|\r|\u001b\[2K/g, '');
    expect(drawn).toMatch(/^⠋ assessing {2}██████░+/);
    expect([...drawn].length).toBe(39);
    expect(written.at(-1)).toBe('bar:\r\u001b[2K');
  });

  it('tells a log of each stage once, and of brief ones only when they last', () => {
    const { screen, written } = screenOn(false);
    let now = 0;
    const progress = new ProgressLine(screen, () => now);
    const show = (what: string, done: number, isBrief = false) =>
      progress.show({ what, done, of: 9, isBrief });
    show('sending', 1, true);
    for (now of [1000, 2000, 3000]) show('assessing', now / 1000);
    now = 20_000;
    show('assessing', 8);
    show('sending', 2, true);
    now = 26_000;
    show('sending', 3, true);
    expect(written).toEqual([
      'people:  assessing: 1 of 9 (1 s)\n',
      'people:  assessing: 8 of 9 (20 s)\n',
      'people:  sending: 3 of 9 (26 s)\n',
    ]);
  });
});

describe('words and numbers', () => {
  it('from outside are no command to a terminal or a pipeline', () => {
    const hostile = fc.string({ unit: fc.constantFrom(...'#[]vso:\n\r\t\u001b\u009b\u202e\u200b a%') });
    fc.assert(
      fc.property(hostile, (text) => {
        const line = noCommand(`  ${plain(text)}`);
        expect(line).not.toMatch(/##(?:vso)?\[|^\s*::|[^\x20-\x7e]/i);
      }),
      { numRuns: 2000 },
    );
  });

  it('are wrapped without losing any, colours not counted', () => {
    const { red } = makeStyle(true, true);
    const words = fc.array(fc.string({ unit: 'grapheme-ascii', minLength: 1, maxLength: 12 }), {
      maxLength: 30,
    });
    fc.assert(
      fc.property(words, fc.integer({ min: 12, max: 40 }), (given, width) => {
        const text = given.join(' ');
        const lines = wrap(text, width);
        expect(lines.join(' ')).toBe(text.split(/\s+/).filter(Boolean).join(' '));
        expect(lines.every((line) => line.length <= width)).toBe(true);
        expect(wrap(red(text), width)).toHaveLength(
          text.trim() === '' ? wrap(red(text), width).length : lines.length,
        );
      }),
    );
  });

  it('read as people write them', () => {
    expect([0, 999, 1000, 9999, 56_800_000, 123_000_000].map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '10.0 kB',
      '56.8 MB',
      '123 MB',
    ]);
    expect([0, 0.000001, 0.0312, 0.1141, 0.5, 12].map(dollars)).toEqual([
      '$0',
      '$0.000001',
      '$0.0312',
      '$0.1141',
      '$0.50',
      '$12.00',
    ]);
    expect([400, 1000, 59_400, 95_000, 3_720_000].map(duration)).toEqual([
      '0.4 s',
      '1 s',
      '59 s',
      '1 min 35 s',
      '1 h 02 min',
    ]);
    expect(stepLine({ what: 'reading', done: 1200, of: 4000, note: 'x' }, 0)).toBe(
      'reading: 1,200 of 4,000, x',
    );
    expect(barLine({ what: 'waiting' }, 2500, { full: '#', empty: '.' })).toBe('waiting  2 s');
  });

  it.each([
    ['hdl', 'hld'],
    ['reprot', 'report'],
    ['max', 'max-cost'],
    ['zzz', undefined],
  ])('mistyped as %s mean %s', (word, meant) => {
    expect(nearest(word, ['hld', 'report', 'max-cost', 'json'])).toBe(meant);
  });
});

describe('colours and signs', () => {
  it.each([
    ['auto', true, {}, true],
    ['auto', true, { NO_COLOR: '1' }, false],
    ['auto', true, { NO_COLOR: '' }, true],
    ['auto', true, { TERM: 'dumb' }, false],
    ['auto', false, {}, false],
    ['always', false, { NO_COLOR: '1' }, true],
    ['never', true, {}, false],
  ] as const)('%s on a terminal (%s) with %j: %s', (when, isTTY, env, wanted) => {
    expect(wantsColor(when, { isTTY }, env)).toBe(wanted);
  });

  it('go by the locale', () => {
    expect(isUnicodeTerminal({ LANG: 'de_DE.UTF-8' }, 'linux')).toBe(true);
    expect(isUnicodeTerminal({ LANG: 'de_DE.UTF-8', LC_ALL: 'C' }, 'linux')).toBe(false);
    expect(isUnicodeTerminal({}, 'win32')).toBe(false);
    expect(isUnicodeTerminal({}, 'darwin')).toBe(true);
  });
});

describe('another try', () => {
  const delays = (setback: Parameters<typeof retryDelay>[0], tries: number) =>
    Array.from({ length: tries }, (_, i) => retryDelay(setback, i + 1, 0.5));

  it('comes later and later where a connection fails, and not for ever', () => {
    const setback = { kind: 'no-answer', code: 'ECONNREFUSED' } as const;
    expect(delays(setback, 7)).toEqual([1000, 2000, 4000, 8000, 16_000, undefined, undefined]);
    expect(delays({ kind: 'no-answer', code: 'ENOTFOUND' }, 4)).toEqual([1000, 2000, undefined, undefined]);
  });

  it('makes no sense where a certificate is wrong', () => {
    for (const code of [
      'CERT_HAS_EXPIRED',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'ERR_SSL_WRONG_VERSION_NUMBER',
      'ETOOLARGE',
    ])
      expect(retryDelay({ kind: 'no-answer', code }, 1, 0.5)).toBe(undefined);
  });

  it('comes when a busy service says, else later and later up to half a minute', () => {
    expect(delays({ kind: 'busy', retryAfterMs: 7000 }, 2)).toEqual([7000, 7000]);
    expect(retryDelay({ kind: 'busy', retryAfterMs: undefined }, 20, 0.5)).toBe(30_000);
    expect(retryDelay({ kind: 'busy', retryAfterMs: undefined }, 1, 0)).toBe(750);
    expect(retryDelay({ kind: 'busy', retryAfterMs: undefined }, 1, 1)).toBe(1250);
  });
});
