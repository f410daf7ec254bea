import type { Severity } from '../finding.ts';
import type { Obligation, Verdict } from '../verdict.ts';

/** How much a gap weighs, by how binding the requirement is. What is not in the table is no gap. */
const table: Readonly<Partial<Record<Verdict, Record<Obligation, Severity>>>> = {
  contradicted: { must: 'high', should: 'medium', may: 'low' },
  missing: { must: 'high', should: 'medium', may: 'low' },
  partial: { must: 'medium', should: 'low', may: 'low' },
};

export function severityOf(obligation: Obligation, verdict: Verdict): Severity {
  return table[verdict]?.[obligation] ?? 'none';
}
