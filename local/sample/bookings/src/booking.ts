/** A visit booked by a customer. */
export type BookingStatus = 'requested' | 'confirmed' | 'moved' | 'cancelled';

export interface Booking {
  id: string;
  customerName: string;
  phoneNumber: string;
  suburb: string;
  service: string;
  /** Start of the slot, ISO time. */
  slot: string;
  status: BookingStatus;
  /** How often the booking was moved. */
  moves: number;
}

export const MAX_MOVES = 3;
export const MAX_DAYS_AHEAD = 60;

export class SlotTakenError extends Error {}
export class TooManyMovesError extends Error {}

/** Bookings may not lie in the past, nor further ahead than 60 days. */
export function isBookable(slot: Date, now: Date): boolean {
  const days = (slot.getTime() - now.getTime()) / 86_400_000;
  return days > 0 && days <= MAX_DAYS_AHEAD;
}

/** Moves a booking to another slot; the fourth attempt is refused. */
export function moveBooking(booking: Booking, slot: string): Booking {
  if (booking.moves >= MAX_MOVES) {
    throw new TooManyMovesError('This booking was moved three times. Please call the office.');
  }
  return { ...booking, slot, status: 'moved', moves: booking.moves + 1 };
}
