import { type Baseline, hasExpired, isFinding } from './baseline.ts';
import { asGap, isWorse } from './gapVerdict.ts';
import type { BaselineComparison, Comparison, KnownGap, ResultFinding } from './outcome.ts';

type Standing = keyof Comparison | 'worse';

/**
 * How the requirements of an audit stand against gaps that were known. A gap that has become worse is new. A known gap
 * that cannot be assessed now is unchanged, as nothing shows that it was closed.
 *
 * @param requirements all of the audit, in the order of the design; fingerprints are unique
 * @param isExpired of a known gap that does not count any more
 */
export function compareGaps(
  requirements: readonly KnownGap[],
  known: readonly KnownGap[],
  isExpired: (gap: KnownGap) => boolean = () => false,
): Comparison {
  const current = new Map(requirements.map((one) => [one.fingerprint, one]));
  const standings = known.map((gap) => ({ gap, standing: standingOf(gap, current, isExpired) }));
  const those = (wanted: Standing) =>
    standings.filter(({ standing }) => standing === wanted).map(({ gap }) => gap);
  const unchanged = those('unchanged').map((gap) => asCurrentGap(gap, current));
  const covered = new Set(unchanged.map(({ fingerprint }) => fingerprint));
  const order = inOrderOf(requirements);
  return {
    new: requirements
      .filter(({ verdict, fingerprint }) => asGap(verdict) && !covered.has(fingerprint))
      .map(briefly),
    fixed: those('fixed').map(briefly).sort(order),
    unchanged: unchanged.sort(order),
    stale: those('stale').map(briefly).sort(order),
  };
}

/** The same against a baseline. */
export function compareWithBaseline(
  requirements: readonly KnownGap[],
  findings: readonly Pick<ResultFinding, 'fingerprint'>[],
  baseline: Baseline,
  now: Date,
): BaselineComparison {
  const gaps = baseline.accepted.filter((entry) => !isFinding(entry));
  const expired = new Set(baseline.accepted.filter((entry) => hasExpired(entry, now)));
  const expiredPrints = new Set([...expired].map(({ fingerprint }) => fingerprint));
  const there = new Set(findings.map(({ fingerprint }) => fingerprint));
  return {
    ...compareGaps(requirements, gaps, ({ fingerprint }) => expiredPrints.has(fingerprint)),
    stale_findings: baseline.accepted
      .filter(isFinding)
      .filter((entry) => expired.has(entry) || !there.has(entry.fingerprint))
      .map(({ kind, fingerprint, message = '' }) => ({ kind, fingerprint, message })),
  };
}

/** What the next run of the project is compared with: the gaps of this one, and those it could not assess. */
export function knownGaps(result: {
  requirements: readonly KnownGap[];
  compared: { previous: Comparison | null };
}): KnownGap[] {
  const gaps = result.requirements.filter(({ verdict }) => asGap(verdict)).map(briefly);
  const told = new Set(gaps.map(({ fingerprint }) => fingerprint));
  const kept = (result.compared.previous?.unchanged ?? []).filter(
    ({ fingerprint }) => !told.has(fingerprint),
  );
  return [...gaps, ...kept];
}

function standingOf(
  gap: KnownGap,
  current: ReadonlyMap<string, KnownGap>,
  isExpired: (gap: KnownGap) => boolean,
): Standing {
  const now = current.get(gap.fingerprint);
  if (!now || isExpired(gap)) return 'stale';
  if (now.verdict === 'implemented') return 'fixed';
  const [found, accepted] = [asGap(now.verdict), asGap(gap.verdict)];
  return found && (!accepted || isWorse(found, accepted)) ? 'worse' : 'unchanged';
}

/** With the verdict of today where that is a gap. */
function asCurrentGap(gap: KnownGap, current: ReadonlyMap<string, KnownGap>): KnownGap {
  const now = current.get(gap.fingerprint);
  return briefly(now && asGap(now.verdict) ? now : gap);
}

const briefly = ({ fingerprint, requirement, verdict }: KnownGap): KnownGap => ({
  fingerprint,
  requirement,
  verdict,
});

/** By their place in the design; what is not in it any more comes last, by its words. */
function inOrderOf(requirements: readonly KnownGap[]) {
  const places = new Map(requirements.map(({ fingerprint }, i) => [fingerprint, i]));
  const placeOf = ({ fingerprint }: KnownGap) => places.get(fingerprint) ?? places.size;
  return (a: KnownGap, b: KnownGap) =>
    placeOf(a) - placeOf(b) ||
    byCodeUnit(a.requirement, b.requirement) ||
    byCodeUnit(a.fingerprint, b.fingerprint);
}

const byCodeUnit = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
