import { periodStart } from '../limits/bucket.ts';
import type { LimitState } from '../limits/decision.ts';
import type { Subject } from '../limits/limiter.ts';
import type { Policy, Window } from '../limits/policy.ts';
import { recordMetric } from '../telemetry/instruments.ts';
import type { Logger } from '../telemetry/logger.ts';

const mostRemembered = 10_000;
const everyone = '*';

interface Budget extends Pick<Policy, 'scope' | 'warnAt'> {
  shape: Window['shape'];
}

/** Tells once for each period and instance when a budget passes one of its thresholds. */
export class BudgetWarnings {
  readonly #budgets: ReadonlyMap<string, Budget>;
  readonly #told = new Set<string>();

  constructor(policies: readonly Policy[]) {
    const budgets = policies.filter(({ unit }) => unit === 'microdollars');
    this.#budgets = new Map(
      budgets.flatMap(({ windows, scope, warnAt }) =>
        windows.map(({ name, shape }) => [name, { scope, warnAt, shape }] as const),
      ),
    );
  }

  /** @param subject whose budgets they are, for telling once; not logged. */
  look(limits: readonly LimitState[], subject: Subject, now: Date, log: Logger): void {
    for (const { name, quota, remaining } of limits) {
      const budget = this.#budgets.get(name);
      if (!budget) continue;
      const used = (quota - remaining) / quota;
      const whose = budget.scope === 'global' ? everyone : subject[budget.scope];
      const period = periodOf(budget.shape, now.getTime());
      const idOf = (threshold: number) => JSON.stringify([name, whose, period, threshold]);
      const passed = budget.warnAt.filter((threshold) => used >= threshold);
      const untold = passed.filter((threshold) => !this.#told.has(idOf(threshold)));
      if (untold.length === 0) continue;
      if (this.#told.size >= mostRemembered) this.#told.clear();
      for (const threshold of passed) this.#told.add(idOf(threshold));
      const highest = Math.max(...untold);
      log.warn('budget-warning', { policy: name, threshold: highest, used: Math.round(used * 1000) / 1000 });
      recordMetric('gatehouse.budget.warnings', 1, {
        'gatehouse.policy': name,
        'gatehouse.threshold': highest,
      });
    }
  }
}

/** Calendar periods by their start; of others, windows counted from the epoch. */
function periodOf({ calendar, windowMs }: Window['shape'], now: number): number {
  return calendar ? periodStart(calendar, now) : Math.floor(now / windowMs);
}
