import { randomUUID } from 'node:crypto';
import { Cron } from 'croner';
import { timeSpanMs } from './hostJson.ts';
import type { TriggerInput } from './invoke.ts';

/** What a timer's function is given; `isPastDue` is false as a local host keeps no schedule across restarts. */
export function timerInput(binding: string): TriggerInput {
  const data = { Schedule: { AdjustForDST: true }, ScheduleStatus: null, IsPastDue: false };
  return { inputData: [{ name: binding, data: { json: JSON.stringify(data) } }], triggerMetadata: {} };
}

/** What a timer of Node can hold. */
const longestIntervalMs = 2 ** 31 - 1;

/**
 * Runs a function on an NCRONTAB expression (six fields, UTC) or a time span, one run at a time. Gives the function that stops it.
 * @throws Error for a schedule that cannot be read.
 */
export function startTimer(
  binding: string,
  schedule: string,
  runOnStartup: boolean,
  run: (invocationId: string, input: TriggerInput) => Promise<unknown>,
): () => void {
  let running = false;
  const fire = () => {
    if (running) return;
    running = true;
    run(randomUUID(), timerInput(binding))
      .catch(() => {})
      .finally(() => {
        running = false;
      });
  };
  if (runOnStartup) setImmediate(fire);
  if (/^[\d.]*\d+:\d+:\d+/.test(schedule)) {
    const interval = timeSpanMs(schedule);
    if (interval > longestIntervalMs)
      throw new Error(`the local host keeps no interval longer than 24 days ("${schedule}")`);
    const timer = setInterval(fire, interval);
    return () => clearInterval(timer);
  }
  const cron = new Cron(schedule, { timezone: 'UTC', mode: '5-or-6-parts' }, fire);
  return () => cron.stop();
}
