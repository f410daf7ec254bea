import { describe, expect, it } from 'vitest';
import { toAllow, toDeny } from '../../../local/tools/denyList.ts';
import { entryOf, manifestOf } from '../../support/publishedTools.ts';

const [one, two] = [entryOf('one'), entryOf('two')];
const manifest = manifestOf(
  1,
  { echo: one },
  { next: { activeFrom: '2026-11-22T00:00:00Z', tools: { echo: two, rain: two } } },
);

describe('what is to be denied', () => {
  it('is a name, a hash, or what is shown of a hash; of what is planned, too', () => {
    const given = ['echo', 'rain', 'f'.repeat(64), one.sha256.slice(0, 12), two.sha256.slice(0, 8)];
    expect(toDeny(given, manifest)).toEqual(['echo', 'rain', 'f'.repeat(64), one.sha256, two.sha256]);
  });

  it.each(['eco', 'abcdefabcdef', one.sha256.slice(0, 7), '', 'constructor'])('is not "%s"', (given) => {
    expect(() => toDeny([given], manifest)).toThrow(`Nothing published has the name or the hash "${given}".`);
  });

  it('is no tool of the deployment', () => {
    expect(() => toDeny(['create_lead'], manifest)).toThrow('Take it out of tools.functions');
  });
});

describe('what is to be allowed again', () => {
  it('is what is on the list', () => {
    const deny = ['echo', one.sha256, two.sha256];
    expect(toAllow(['echo', one.sha256.slice(0, 12)], deny)).toEqual([two.sha256]);
    expect(() => toAllow(['rain'], deny)).toThrow('"rain" is not denied.');
  });
});
