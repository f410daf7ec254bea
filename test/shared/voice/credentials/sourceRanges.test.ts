import { describe, expect, it } from 'vitest';
import { rangeTest, sourceRange } from '../../../../shared/voice/credentials/sourceRanges.ts';

describe('sourceRange', () => {
  it.each([
    '167.150.224.0/23',
    '10.0.0.1',
    '10.0.0.1/32',
    '2001:db8::/32',
    '::1',
    '::ffff:10.0.0.1/128',
    '0.0.0.0/1',
  ])('takes %s', (text) => {
    expect(sourceRange.safeParse(text).success).toBe(true);
  });

  it.each([
    '',
    '10.0.0',
    '10.0.0.1/33',
    '10.0.0.0/0',
    '::/0',
    '::/129',
    '10.0.0.1/',
    '10.0.0.1/-1',
    'vapi.ai',
    '10.0.0.1/8 ',
  ])('refuses "%s"', (text) => {
    expect(sourceRange.safeParse(text).success).toBe(false);
  });

  it('a range that got past the settings lets nobody in', () => {
    expect(rangeTest(['everything'])('10.0.0.1')).toBe(false);
  });
});
