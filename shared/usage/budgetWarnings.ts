import type { LimitState } from '../limits/decision.ts';
import type { Policy } from '../limits/policy.ts';
import { recordMetric } from '../telemetry/instruments.ts';
import type { Logger } from '../telemetry/logger.ts';

const mostRemembered = 10_000;

/** Tells once for each period and instance when a budget passes one of its thresholds. */
export class BudgetWarnings {
  readonly #thresholds: ReadonlyMap<string, readonly number[]>;
  readonly #told = new Set<string>();

  constructor(policies: readonly Policy[]) {
    const budgets = policies.filter(({ unit }) => unit === 'microdollars');
    this.#thresholds = new Map(
      budgets.flatMap(({ windows, warnAt }) => windows.map(({ name }) => [name, warnAt] as const)),
    );
  }

  /** @param subject whose budget it is, for telling once; not logged. */
  look(limits: readonly LimitState[], subject: string, now: Date, log: Logger): void {
    for (const { name, quota, remaining, windowSeconds } of limits) {
      const used = 1 - remaining / quota;
      const passed = (this.#thresholds.get(name) ?? []).filter((threshold) => used >= threshold);
      const highest = Math.max(...passed);
      const period = Math.floor(now.getTime() / 1000 / windowSeconds);
      const id = `${name} ${subject} ${period} ${highest}`;
      if (passed.length === 0 || this.#told.has(id)) continue;
      if (this.#told.size >= mostRemembered) this.#told.clear();
      this.#told.add(id);
      log.warn('budget-warning', { policy: name, threshold: highest, used: Math.round(used * 1000) / 1000 });
      recordMetric('gatehouse.budget.warnings', 1, {
        'gatehouse.policy': name,
        'gatehouse.threshold': highest,
      });
    }
  }
}
