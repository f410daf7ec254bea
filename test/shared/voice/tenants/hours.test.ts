import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Hours,
  hoursSchema,
  openState,
  sayHolidays,
  sayState,
  sayTime,
  sayWeek,
} from '../../../../shared/voice/tenants/hours.ts';
import { localMoment, sayMoment } from '../../../../shared/voice/tenants/localClock.ts';

const nineToFive = [{ open: '09:00', close: '17:00' }];
const office = hoursSchema.parse({
  monday: nineToFive,
  tuesday: nineToFive,
  wednesday: nineToFive,
  thursday: nineToFive,
  friday: nineToFive,
  saturday: [{ open: '08:00', close: '12:00' }],
  holidays: [
    { date: '2026-12-25', name: 'Christmas Day' },
    { date: '2026-12-24', name: 'Christmas Eve', hours: [{ open: '09:00', close: '12:00' }] },
  ],
});
const bar = hoursSchema.parse({
  friday: [{ open: '18:00', close: '02:00' }],
  saturday: [{ open: '00:00', close: '24:00' }],
  sunday: [{ open: '00:00', close: '01:00' }],
});

const at = (date: string, time: string) => {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return { date, weekday: new Date(`${date}T00:00:00Z`).getUTCDay(), minutes: hour * 60 + minute };
};
const said = (hours: Hours, date: string, time: string) => sayState(openState(hours, at(date, time)), date);

describe('openState', () => {
  it.each([
    // 2026-11-23 is a Monday.
    ['2026-11-23', '08:59', 'closed until 9 am'],
    ['2026-11-23', '09:00', 'open until 5 pm'],
    ['2026-11-23', '16:59', 'open until 5 pm'],
    ['2026-11-23', '17:00', 'closed until tomorrow at 9 am'],
    ['2026-11-28', '12:00', 'closed until Monday at 9 am'],
    ['2026-12-24', '11:00', 'open (Christmas Eve) until noon'],
    ['2026-12-24', '13:00', 'closed (Christmas Eve) until Saturday at 8 am'],
    ['2026-12-25', '10:00', 'closed (Christmas Day) until tomorrow at 8 am'],
  ])('an office on %s at %s is %s', (date, time, expected) => {
    expect(said(office, date, time)).toBe(expected);
  });

  it.each([
    ['2026-11-27', '17:59', 'closed until 6 pm'],
    ['2026-11-27', '18:00', 'open until Sunday at 1 am'],
    ['2026-11-28', '01:30', 'open until tomorrow at 1 am'],
    ['2026-11-29', '00:59', 'open until 1 am'],
    ['2026-11-29', '01:00', 'closed until Friday at 6 pm'],
  ])('a bar that is open past midnight on %s at %s is %s', (date, time, expected) => {
    expect(said(bar, date, time)).toBe(expected);
  });

  it('sees no end of being always open, nor of being always closed', () => {
    const day = [{ open: '00:00', close: '24:00' }];
    const always = hoursSchema.parse(
      Object.fromEntries(
        ['sunday', 'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday'].map((d) => [d, day]),
      ),
    );
    expect(openState(always, at('2026-11-23', '10:00'))).toMatchObject({ isOpen: true, next: undefined });
    expect(said(hoursSchema.parse({}), '2026-11-23', '10:00')).toBe('closed');
  });

  it('names a far day with its date', () => {
    const rare = hoursSchema.parse({
      holidays: [{ date: '2026-12-10', name: 'Open day', hours: nineToFive }],
    });
    expect(said(rare, '2026-11-23', '10:00')).toBe('closed until Thursday 10 December at 9 am');
  });

  it('changes at the moment it names and not before, whatever the hours', () => {
    const clock = fc
      .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 45))
      .map(([hour, minute]) => `${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`);
    const span = fc.record({ open: clock, close: clock }).filter(({ open, close }) => open !== close);
    const spans = fc.array(span, { maxLength: 2 });
    const hours = fc.record({ sunday: spans, monday: spans, wednesday: spans, saturday: spans });
    fc.assert(
      fc.property(hours, fc.integer({ min: 0, max: 1439 }), (given, minutes) => {
        const parsed = hoursSchema.parse(given);
        const start = { date: '2026-11-22', weekday: 0, minutes };
        const { isOpen, next } = openState(parsed, start);
        if (!next) return;
        expect(openState(parsed, { ...start, date: next.date, minutes: next.minutes }).isOpen).toBe(!isOpen);
        const before =
          next.minutes > 0 ? { ...start, date: next.date, minutes: next.minutes - 1 } : undefined;
        if (before && (before.date > start.date || before.minutes >= minutes))
          expect(openState(parsed, before).isOpen).toBe(isOpen);
      }),
    );
  });
});

describe('what is said', () => {
  it('puts equal days together', () => {
    expect(sayWeek(office)).toBe('Monday to Friday 9 am to 5 pm; Saturday 8 am to noon; Sunday closed');
    expect(sayWeek(bar)).toBe(
      'Monday to Thursday closed; Friday 6 pm to 2 am; Saturday midnight to midnight; Sunday midnight to 1 am',
    );
  });

  it('names the next holidays in order', () => {
    expect(sayHolidays(office, '2026-11-21', 5)).toEqual([
      'Christmas Eve, 24 December: 9 am to noon',
      'Christmas Day, 25 December: closed',
    ]);
    expect(sayHolidays(office, '2026-12-25', 5)).toHaveLength(1);
    expect(sayHolidays(office, '2026-11-21', 1)).toHaveLength(1);
  });

  it.each([
    [0, 'midnight'],
    [720, 'noon'],
    [725, '12:05 pm'],
    [5, '12:05 am'],
    [1_439, '11:59 pm'],
  ])('%d minutes is %s', (minutes, expected) => {
    expect(sayTime(minutes)).toBe(expected);
  });

  it('is by the clock on the wall, across daylight saving', () => {
    const moment = localMoment(new Date('2026-11-21T00:49:00Z'), 'Australia/Sydney');
    expect(moment).toEqual({ date: '2026-11-21', weekday: 6, minutes: 709 });
    expect(sayMoment(moment)).toBe('Saturday, 21 November 2026, 11:49 am');
    expect(localMoment(new Date('2026-07-21T14:30:00Z'), 'Australia/Sydney')).toMatchObject({
      date: '2026-07-22',
      minutes: 30,
    });
    expect(localMoment(new Date('2026-03-08T10:00:00Z'), 'America/Los_Angeles').minutes).toBe(180);
  });
});

describe('hoursSchema', () => {
  it.each([
    [{ monday: [{ open: '9:00', close: '17:00' }] }, '07:00 or 17:30'],
    [{ monday: [{ open: '09:00', close: '09:00' }] }, 'open before it closes'],
    [{ monday: [{ open: '24:00', close: '09:00' }] }, 'open before it closes'],
    [{ holidays: [{ date: '2026-02-30', name: 'x' }] }, '2026-12-25'],
    [{ mon: [] }, 'Unrecognized'],
  ])('says what is wrong with %j', (given, expected) => {
    expect(() => hoursSchema.parse(given)).toThrow(expected);
  });
});
