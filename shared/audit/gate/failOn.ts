import { AppError } from '../../errors.ts';

/** What can fail a gate: gaps of a severity or worse, verdicts that nothing shows, or findings of a kind. */
export const failTargets = [
  'high',
  'medium',
  'low',
  'unverified',
  'secrets',
  'instructions',
  'undocumented',
] as const;
export type FailTarget = (typeof failTargets)[number];

export interface FailRule {
  on: FailTarget;
  /** How many are let through. */
  allowed: number;
}

/** What fails the gate. Without a rule it never fails. */
export interface FailOn {
  /** In its shortest form: `high,medium:5`, `none`. */
  text: string;
  rules: readonly FailRule[];
}

const grammar =
  'Give `none`, or a comma list of high, medium, low (gaps of that severity or worse), unverified, secrets, instructions and undocumented, each at most once and with how many are let through where that is not none: `high,medium:5,secrets`.';
const item = /^([a-z]+)(?::(\d{1,6}))?$/;

/**
 * Reads what a gate fails on; `high` where nothing is said.
 * @throws AppError `invalid-request` with the grammar.
 */
export function readFailOn(text: string | undefined): FailOn {
  if (text === undefined) return readFailOn('high');
  if (text.trim() === 'none') return { text: 'none', rules: [] };
  const rules = text.split(',').map((part) => readRule(part.trim()));
  if (new Set(rules.map(({ on }) => on)).size < rules.length) throw unreadable('names something twice');
  return { text: rules.map(({ on, allowed }) => (allowed ? `${on}:${allowed}` : on)).join(','), rules };
}

function readRule(text: string): FailRule {
  const [, name, allowed = '0'] = item.exec(text) ?? [];
  const on = failTargets.find((target) => target === name);
  if (!on) throw unreadable('is not understood');
  return { on, allowed: Number(allowed) };
}

const unreadable = (what: string) => new AppError('invalid-request', `\`failOn\` ${what}. ${grammar}`);
