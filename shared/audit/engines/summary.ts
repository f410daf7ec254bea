import { type Judged, verdicts } from '../verdict.ts';

/** How many requirements there are, and how many of each verdict, as a sentence. */
export function describeVerdicts(requirements: readonly Pick<Judged, 'verdict'>[]): string {
  const counts = verdicts
    .map((verdict) => ({ verdict, count: requirements.filter((one) => one.verdict === verdict).length }))
    .filter(({ count }) => count > 0)
    .map(({ verdict, count }) => `${count} ${verdict.replace('_', ' ')}`);
  return `${requirements.length} requirement${requirements.length === 1 ? '' : 's'} found in the design: ${counts.join(', ')}.`;
}
