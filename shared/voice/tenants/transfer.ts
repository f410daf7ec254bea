import { z } from 'zod';
import { termsOf } from '../knowledge/ranking.ts';
import { e164 } from '../phoneNumber.ts';

const text = (most: number) => z.string().trim().min(1).max(most);

const target = {
  /** How the receptionist speaks of it: `the emergency plumber`. */
  name: text(80),
  /** When a caller is put through, for the model: `questions about an invoice`. */
  description: text(300).optional(),
  /** Said before the transfer; empty says nothing. */
  message: z.string().trim().max(1_000).optional(),
  /** During which hours it can be reached. */
  hours: z.enum(['always', 'open', 'closed']).default('always'),
  /** `emergency`: for emergencies alone. */
  urgency: z.enum(['any', 'emergency']).default('any'),
};

const destination = z.union([
  z.strictObject({
    ...target,
    number: z.string().trim().regex(e164, 'must be in E.164 form, for example +61255501234'),
    extension: z
      .string()
      .regex(/^[\d*#,wW]{1,10}$/, 'must be up to 10 digits as dialled')
      .optional(),
  }),
  z.strictObject({
    ...target,
    sipUri: z.string().regex(/^sips?:[^\s@]+@[^\s@]+$/, 'must be as sip:someone@example.com'),
  }),
  /** A saved assistant that takes the conversation over; for handoffs. */
  z.strictObject({ ...target, assistantId: text(100) }),
]);

/** Where callers can be put through to, the first that fits first. */
export const transferSchema = z
  .strictObject({ destinations: z.array(destination).max(20).default([]) })
  .superRefine(({ destinations }, context) => {
    const names = destinations.map(({ name }) => name.toLowerCase());
    for (const [i, name] of names.entries()) {
      if (names.indexOf(name) < i)
        context.addIssue({
          code: 'custom',
          path: ['destinations', i, 'name'],
          message: 'is the name of another destination too',
        });
    }
  });

export type TransferDestination = z.infer<typeof destination>;
/** Someone who picks up a phone. */
export type PhoneDestination = Exclude<TransferDestination, { assistantId: string }>;
/** An assistant of Vapi's. */
export type AssistantDestination = Extract<TransferDestination, { assistantId: string }>;

export const isAssistant = (destination: TransferDestination): destination is AssistantDestination =>
  'assistantId' in destination;
export const isPhone = (destination: TransferDestination): destination is PhoneDestination =>
  !isAssistant(destination);

/** What a transfer is asked for: who the caller wants, as far as it was said, and how things stand. */
export interface TransferNeed {
  /** Department, person or topic in the caller's or the model's words. */
  wanted: string | undefined;
  isEmergency: boolean;
  /** Undefined where the hours are known in words alone. */
  isOpen: boolean | undefined;
}

/** True where a destination can be reached now. Without hours by day it is left to whoever answers there. */
export function isReachable({ hours }: TransferDestination, isOpen: boolean | undefined): boolean {
  return hours === 'always' || isOpen === undefined || (hours === 'open') === isOpen;
}

/** How well a destination fits what is wanted: words of its name count double. */
function affinity({ name, description = '' }: TransferDestination, wanted: readonly string[]): number {
  const [inName, inDescription] = [new Set(termsOf(name)), new Set(termsOf(description))];
  return wanted.reduce((sum, term) => sum + (inName.has(term) ? 2 : inDescription.has(term) ? 1 : 0), 0);
}

/**
 * The destination for a need: of those that can be reached now, in an emergency those for emergencies first, then the
 * one whose name and description fit best, then the order of the list. Undefined where nobody can be reached.
 */
export function chooseDestination<D extends TransferDestination>(
  destinations: readonly D[],
  { wanted = '', isEmergency, isOpen }: TransferNeed,
): D | undefined {
  const reachable = destinations.filter(
    (d) => isReachable(d, isOpen) && (isEmergency || d.urgency === 'any'),
  );
  const urgent = isEmergency ? reachable.filter((d) => d.urgency === 'emergency') : [];
  const terms = termsOf(wanted);
  return (urgent.length > 0 ? urgent : reachable)
    .map((destination) => ({ destination, score: affinity(destination, terms) }))
    .sort((a, b) => b.score - a.score)[0]?.destination;
}
