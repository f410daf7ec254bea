import type { TenantInput } from '../../shared/voice/tenants/tenant.ts';
import { planTenants } from './businesses.ts';
import { type Caller, planCaller } from './caller.ts';
import { planCall } from './calls.ts';
import { Dice } from './dice.ts';
import type { PlannedCall, Thread } from './plannedCall.ts';

export interface DayOptions {
  seed: number;
  tenants: number;
  calls: number;
  /** Epoch milliseconds at which the day is over. */
  now: number;
  /** Address of the businesses' own systems, `https://HOST:PORT`. */
  crm: string;
}

/** What is never to be seen in a log: made-up words, digits of numbers, and secrets. */
export interface Planted {
  words: readonly string[];
  numbers: readonly string[];
  secrets: readonly string[];
}

export interface Plan {
  seed: number;
  tenants: readonly TenantInput[];
  /** In the order in which they begin. */
  threads: readonly Thread[];
  webhookSecret: string;
  hmacSecret: string;
  planted: Planted;
}

const hourMs = 3_600_000;

/** A day of calls to many businesses, by seed. Pure. */
export function planDay({ seed, tenants: count, calls, now, crm }: DayOptions): Plan {
  const dice = new Dice(seed);
  const tenants = planTenants(dice, count, crm);
  const threads: Thread[] = [];
  const callers: Caller[] = [];
  for (let left = calls; left > 0; ) {
    const tenant = dice.chance(0.01) ? undefined : dice.pick(tenants);
    const caller = planCaller(dice, callers.length);
    callers.push(caller);
    const thread = planThread(dice, tenant, caller, Math.min(left, ringsOf(dice)), now);
    threads.push(thread);
    left -= thread.calls.length;
  }
  const secrets = tenants.flatMap(({ delivery }) => delivery?.secrets ?? []);
  const [webhookSecret, hmacSecret] = [
    dice.letters(40, 'abcdefghkmnpqrstuvwxyz'),
    dice.letters(40, 'ABCDEFGHKMNP'),
  ];
  return {
    seed,
    tenants,
    threads: threads.sort((a, b) => startOf(a) - startOf(b)),
    webhookSecret,
    hmacSecret,
    planted: {
      words: dice.words,
      numbers: [
        ...callers.flatMap(({ number, other }) => [number ?? '', other]),
        ...tenants.flatMap(({ phoneNumbers = [] }) => phoneNumbers),
      ].filter((number) => number !== ''),
      secrets: [...secrets, webhookSecret, hmacSecret],
    },
  };
}

/** How often a caller rings on one day. */
function ringsOf(dice: Dice): number {
  if (dice.chance(0.85)) return 1;
  return dice.chance(0.8) ? 2 : 3;
}

function planThread(
  dice: Dice,
  tenant: TenantInput | undefined,
  caller: Caller,
  rings: number,
  now: number,
): Thread {
  let at = now - 23 * hourMs + dice.int(0, 20 * hourMs);
  const calls: PlannedCall[] = [];
  for (let i = 0; i < rings; i++) {
    calls.push(planCall(dice, tenant, caller, at));
    at += dice.int(300_000, 1_800_000);
  }
  return { calls: calls.map((call, i) => withStale(dice, call, calls[i - 1])) };
}

/** Now and then a delivery of the call before comes once more when the next one is long under way. */
function withStale(dice: Dice, call: PlannedCall, before: PlannedCall | undefined): PlannedCall {
  const stale = before?.steps.find(({ asks, isRepeat }) => asks.length > 0 && !isRepeat);
  if (!stale || !dice.chance(0.4)) return call;
  const repeat = { ...stale, waits: false, copies: 1, isRepeat: true };
  return { ...call, steps: call.steps.toSpliced(dice.int(1, call.steps.length), 0, repeat) };
}

const startOf = ({ calls }: Thread) => calls[0]?.frame.createdAt ?? 0;
