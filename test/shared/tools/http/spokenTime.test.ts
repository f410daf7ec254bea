import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sayTime, timeFormats } from '../../../../shared/tools/http/spokenTime.ts';

describe('a time', () => {
  it.each([
    ['2026-12-01T08:30:00.000Z', 'Tuesday 1 December at 9:30 am'],
    ['2026-12-01T11:00:00Z', 'Tuesday 1 December at noon'],
    ['2026-12-01T23:00Z', 'Wednesday 2 December at midnight'],
    ['2026-12-01T23:05:00+01:00', 'Tuesday 1 December at 11:05 pm'],
    ['2026-07-01T08:30:00Z', 'Wednesday 1 July at 10:30 am'],
    ['2026-12-01T09:05:00', 'Tuesday 1 December at 9:05 am'],
    ['2026-12-01T12:30:00', 'Tuesday 1 December at 12:30 pm'],
    ['2026-12-01T00:15:00', 'Tuesday 1 December at 12:15 am'],
  ])('%s is said as clocks in the zone show it, and as it stands without an offset', (text, said) => {
    expect(sayTime(text, 'datetime', 'Europe/Zurich')).toBe(said);
  });

  it('is said in part', () => {
    expect(sayTime('2026-12-01T08:30:00Z', 'time', 'Europe/Zurich')).toBe('9:30 am');
    expect(sayTime('2026-12-01T23:30:00Z', 'date', 'Europe/Zurich')).toBe('Wednesday 2 December');
  });

  it('of a mere day is that day in every zone', () => {
    expect(sayTime('2026-12-01', 'date', 'Pacific/Kiritimati')).toBe('Tuesday 1 December');
    expect(sayTime('2026-12-01', 'date', 'Pacific/Pago_Pago')).toBe('Tuesday 1 December');
    expect(sayTime('2026-12-01', 'time', 'UTC')).toBeUndefined();
  });

  it.each([
    '',
    'soon',
    '2026-13-01',
    '2026-12-01T25:00:00Z',
    '1764579600',
    '2026-12-01 08:30',
    ' 2026-12-01',
  ])('%j is none', (text) => {
    for (const format of timeFormats) expect(sayTime(text, format, 'UTC')).toBeUndefined();
  });

  it('is the same however the instant is written', () => {
    const minutes = fc.integer({ min: 0, max: 60 * 24 * 366 });
    fc.assert(
      fc.property(minutes, fc.integer({ min: -12, max: 14 }), (minute, hours) => {
        const instant = Date.UTC(2026, 0, 1) + minute * 60_000;
        const sign = hours < 0 ? '-' : '+';
        const offset = `${sign}${String(Math.abs(hours)).padStart(2, '0')}:00`;
        const local = new Date(instant + hours * 3_600_000).toISOString().slice(0, 19);
        const [a, b] = [new Date(instant).toISOString(), `${local}${offset}`];
        expect(sayTime(b, 'datetime', 'America/St_Johns')).toBe(sayTime(a, 'datetime', 'America/St_Johns'));
      }),
    );
  });
});
