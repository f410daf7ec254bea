import type { FindingKind, Severity } from '../finding.ts';
import type { Requirement } from '../verdict.ts';
import type { FailOn, FailRule, FailTarget } from './failOn.ts';
import type { Gate, ResultFinding } from './outcome.ts';

type Weighed = Pick<Requirement, 'verdict' | 'severity' | 'verified' | 'accepted'>;
type Found = Pick<ResultFinding, 'kind' | 'accepted'>;

/** The severities a rule counts, worst first. */
const counts: Readonly<Partial<Record<FailTarget, readonly Exclude<Severity, 'none'>[]>>> = {
  high: ['high'],
  medium: ['high', 'medium'],
  low: ['high', 'medium', 'low'],
};

const kinds: Readonly<Partial<Record<FailTarget, FindingKind>>> = {
  secrets: 'secret',
  instructions: 'instruction',
  undocumented: 'undocumented',
};

const nouns: Readonly<Record<FailTarget, [one: string, many: string]>> = {
  high: ['gap of high severity', 'gaps of high severity'],
  medium: ['gap of medium severity or worse', 'gaps of medium severity or worse'],
  low: ['gap of any severity', 'gaps of any severity'],
  unverified: ['verdict that nothing in the source shows', 'verdicts that nothing in the source shows'],
  secrets: ['secret', 'secrets'],
  instructions: ['instruction to a model in the source', 'instructions to a model in the source'],
  undocumented: ['thing the design does not know', 'things the design does not know'],
};

/**
 * Whether an audit passes. Only gaps that are verified and not accepted count, and findings that are not accepted. An
 * audit that shows nothing does not pass, whatever the rules; only `none`, which asks for no gate, always does.
 */
export function applyGate(
  requirements: readonly Weighed[],
  findings: readonly Found[],
  failOn: FailOn,
): Gate {
  const weighed = requirements.filter(({ verified, accepted }) => verified && !accepted);
  const of = (severity: Severity) => weighed.filter((one) => one.severity === severity).length;
  const counted = { high: of('high'), medium: of('medium'), low: of('low') };
  const open = findings.filter(({ accepted }) => !accepted);
  const unverified = requirements.filter(({ verified, accepted }) => !verified && !accepted).length;
  const broken = failOn.rules.flatMap((rule) =>
    reasonOf(rule, rule.on === 'unverified' ? unverified : countOf(rule.on, counted, open)),
  );
  const reasons = failOn.rules.length === 0 ? [] : [...emptiness(requirements), ...broken];
  return { passed: reasons.length === 0, fail_on: failOn.text, reasons, counted };
}

function countOf(on: FailTarget, counted: Gate['counted'], open: readonly Found[]): number {
  const gaps = (counts[on] ?? []).reduce((sum, severity) => sum + counted[severity], 0);
  return gaps + open.filter(({ kind }) => kind === kinds[on]).length;
}

function reasonOf({ on, allowed }: FailRule, count: number): string[] {
  if (count <= allowed) return [];
  const [one, many] = nouns[on];
  const found = `${count} ${count === 1 ? one : many}`;
  return [
    `${found}, where ${allowed === 0 ? 'none is' : allowed === 1 ? 'one is' : `${allowed} are`} let through.`,
  ];
}

/** Why nothing was shown: an audit without a verdict that holds is no reason to pass. */
function emptiness(requirements: readonly Weighed[]): string[] {
  if (requirements.length === 0) return ['The design states no requirement, so nothing was checked.'];
  const all =
    requirements.length === 1 ? 'The only requirement' : `None of the ${requirements.length} requirements`;
  const could = requirements.length === 1 ? 'could not be' : 'could be';
  const assessed = requirements.filter(({ verdict }) => verdict !== 'not_assessable');
  if (assessed.length === 0) return [`${all} ${could} assessed, so nothing was checked.`];
  if (assessed.some(({ verified }) => verified)) return [];
  return [`${all} ${could} verified in the source, so nothing was shown.`];
}
