import { expect, it } from 'vitest';
import { readSettings } from '../../../shared/settings.ts';

const hash = 'f14e9ba9258b'.repeat(6).slice(0, 64);
const deny = (GATEHOUSE_TOOLS_DENY: string) => readSettings({ GATEHOUSE_TOOLS_DENY }).tools;

it('names and whole hashes are denied', () => {
  expect(deny(`echo, ${hash}`)).toMatchObject({ ok: true, value: { deny: ['echo', hash] } });
});

it.each([hash.slice(0, 12), hash.slice(0, 63), hash.toUpperCase(), 'Echo', 'not a name'])(
  'what would deny nothing is a wrong setting: %s',
  (wrong) => {
    expect(deny(`echo,${wrong}`)).toMatchObject({
      ok: false,
      problems: [{ setting: 'GATEHOUSE_TOOLS_DENY', problem: expect.stringContaining('whole hashes') }],
    });
  },
);
