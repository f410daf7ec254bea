import { createHash } from 'node:crypto';

/** Sixteen hex digits that stay the same for the same parts. */
export function fingerprintOf(...parts: readonly string[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
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
