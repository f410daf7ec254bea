/** Slots are two hours long and begin at these hours, local time. */
export const SLOT_HOURS = [8, 10, 13, 15];

export const TIMEZONE = process.env.BOOKINGS_TIMEZONE ?? 'Australia/Sydney';

/** The slots of a day; there are none on Sundays. */
export function slotsOf(day: Date): string[] {
  if (day.getDay() === 0) return [];
  return SLOT_HOURS.map((hour) => {
    const start = new Date(day);
    start.setHours(hour, 0, 0, 0);
    return start.toISOString();
  });
}

/** Free slots of a day: all slots less those that are taken. */
export function freeSlots(day: Date, taken: Set<string>): string[] {
  return slotsOf(day).filter((slot) => !taken.has(slot));
}
