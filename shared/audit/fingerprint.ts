import { hash } from 'node:crypto';
import type { Judged, Requirement } from './verdict.ts';

/** Sixteen hex digits that stay the same for the same parts. */
export function fingerprintOf(...parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'hex').slice(0, 16);
}

/** The fingerprint of a requirement: its words without case, marks and spacing, and how many equal ones stand before it. */
export function requirementFingerprint(text: string, nth = 0): string {
  const words = text
    .toLowerCase()
    .replace(/[*_`~]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
  return fingerprintOf('requirement', words, ...(nth === 0 ? [] : [String(nth)]));
}

/** A judgement with what it is known by in later audits. */
export type Marked = Judged & Pick<Requirement, 'fingerprint'>;

/** Requirements of the same words are told apart by how many stand before them. */
export function withFingerprints(requirements: readonly Judged[]): Marked[] {
  const seen = new Map<string, number>();
  return requirements.map((one) => {
    const words = requirementFingerprint(one.requirement);
    const nth = seen.get(words) ?? 0;
    seen.set(words, nth + 1);
    return { ...one, fingerprint: nth === 0 ? words : requirementFingerprint(one.requirement, nth) };
  });
}
