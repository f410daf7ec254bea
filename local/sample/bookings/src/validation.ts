import type { Booking } from './booking.ts';

type NewBooking = Omit<Booking, 'id' | 'status' | 'moves'>;

const fields = ['customerName', 'phoneNumber', 'suburb', 'service', 'slot'] as const;

/** Checks a request body; lists the wrong fields where it is not valid. */
export function validateBooking(body: unknown): { errors: string[]; value?: NewBooking } {
  const given = (body ?? {}) as Record<string, unknown>;
  const errors = fields.filter((field) => typeof given[field] !== 'string' || given[field] === '');
  if (Number.isNaN(Date.parse(String(given.slot)))) errors.push('slot');
  return errors.length > 0 ? { errors } : { errors: [], value: given as unknown as NewBooking };
}
