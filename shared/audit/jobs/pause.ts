import type { Clock } from '../../limits/clock.ts';

/** Waits so many milliseconds. @throws the signal's reason as soon as it ends the waiting. */
export async function pause(clock: Pick<Clock, 'wait'>, ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const wait = clock.wait(ms);
  const { promise: ended, reject } = Promise.withResolvers<never>();
  const end = () => reject(signal.reason);
  signal.addEventListener('abort', end, { once: true });
  try {
    await Promise.race([wait.done, ended]);
  } finally {
    wait.cancel();
    signal.removeEventListener('abort', end);
  }
}
