import { type Booking, SlotTakenError } from './booking.ts';

/** Where bookings are kept. Two bookings never share a slot. */
export interface BookingRepository {
  create(booking: Booking): Promise<void>;
  find(id: string): Promise<Booking | undefined>;
  update(booking: Booking): Promise<void>;
  takenSlots(): Promise<Set<string>>;
}

/** In-memory implementation, for tests. */
export class MemoryBookingRepository implements BookingRepository {
  private readonly bookings = new Map<string, Booking>();

  async create(booking: Booking): Promise<void> {
    if ((await this.takenSlots()).has(booking.slot)) throw new SlotTakenError('slot taken');
    this.bookings.set(booking.id, booking);
  }

  async find(id: string): Promise<Booking | undefined> {
    return this.bookings.get(id);
  }

  async update(booking: Booking): Promise<void> {
    this.bookings.set(booking.id, booking);
  }

  /** A cancelled booking frees its slot. */
  async takenSlots(): Promise<Set<string>> {
    const active = [...this.bookings.values()].filter((booking) => booking.status !== 'cancelled');
    return new Set(active.map((booking) => booking.slot));
  }
}
