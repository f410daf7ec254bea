import type { Attempt } from './attempt.ts';
import type { DeliveryProgress } from './deliveryRow.ts';
import { mostAttempts, waitAfter } from './schedule.ts';

/**
 * How long a worker has for one try, storage included; then others may take it for dead. Far more than a request may
 * take, as a claim that runs out early is a message sent twice.
 */
export const claimMs = 60_000;

/** The try that a worker is about to make, on record before it is made. */
export function claimed(row: DeliveryProgress, now: Date): DeliveryProgress {
  return {
    ...kept(row),
    state: 'pending',
    attempts: row.attempts + 1,
    nextAttemptAt: new Date(now.getTime() + claimMs),
  };
}

/** True where all tries were begun; the last one's worker did not live to say what came of it. */
export function isExhausted({ attempts }: DeliveryProgress): boolean {
  return attempts >= mostAttempts;
}

/** What has become of a delivery after a try. */
export function settled(
  row: DeliveryProgress,
  attempt: Attempt,
  now: Date,
  random: () => number,
): DeliveryProgress {
  const { attempts } = row;
  const { status: lastStatus } = attempt;
  if (attempt.kind === 'delivered') return { state: 'delivered', attempts, lastStatus, endedAt: now };
  const { reason } = attempt;
  const wait = attempt.kind === 'again' ? waitAfter(attempts, attempt.retryAfterMs, random) : undefined;
  if (wait === undefined) return { state: 'dead', attempts, lastStatus, reason, endedAt: now };
  const nextAttemptAt = new Date(now.getTime() + wait);
  return { state: 'pending', attempts, lastStatus, reason, nextAttemptAt };
}

/** As new, to be tried at once. */
export function restarted(row: DeliveryProgress, now: Date): DeliveryProgress {
  return { ...kept(row), state: 'pending', attempts: 0, nextAttemptAt: now };
}

function kept({ lastStatus, reason }: DeliveryProgress): Pick<DeliveryProgress, 'lastStatus' | 'reason'> {
  return { lastStatus, reason };
}
