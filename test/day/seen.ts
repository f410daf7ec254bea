import type { Heard } from './crm.ts';
import type { Journal } from './journal.ts';
import type { Told } from './reading.ts';

/** What there is to hold to the plan. */
export interface Seen {
  told: Told;
  /** Events that the tenant's own system has received, by id. */
  heard: ReadonlyMap<string, Heard>;
  journal: Journal;
}
