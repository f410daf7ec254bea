import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeOf, nextManifest } from '../../../local/tools/publication.ts';
import { manifestSchema } from '../../../shared/tools/manifest/manifest.ts';
import { entryOf, manifestOf } from '../../support/publishedTools.ts';

const now = new Date('2026-11-21T10:00:00Z');

describe('the next manifest', () => {
  it('is the first where there was none', () => {
    const first = nextManifest(undefined, {}, { now });
    expect(first).toMatchObject({ sequence: 1, createdAt: now.toISOString(), deny: [], tools: {} });
    expect(first).not.toHaveProperty('activeFrom');
    expect(manifestSchema.safeParse(first).success).toBe(true);
  });

  it('is one sequence on, and may be loaded for 400 days', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (sequence) => {
        const next = nextManifest(manifestOf(sequence, {}), {}, { now });
        expect(next.sequence).toBe(sequence + 1);
        expect(Date.parse(next.expiresAt) - now.getTime()).toBe(400 * 86_400_000);
      }),
    );
  });

  it('keeps what is not changed, and not the time the one before was used from', () => {
    const before = manifestOf(
      1,
      { echo: entryOf('one') },
      { deny: ['rain'], activeFrom: '2026-11-21T10:00:00Z' },
    );
    expect(nextManifest(before, { tools: {} }, { now })).toMatchObject({ deny: ['rain'], tools: {} });
    expect(nextManifest(before, { deny: [] }, { now })).toMatchObject({ deny: [], tools: before.tools });
    expect(nextManifest(before, {}, { now })).not.toHaveProperty('activeFrom');
    expect(nextManifest(before, {}, { now, activeFrom: now }).activeFrom).toBe(now.toISOString());
  });
});

describe('a change', () => {
  const before = entryOf('one', { description: 'Old', hosts: ['a.example.com'] });

  it('is none where only version, publisher and time are others', () => {
    const after = { ...before, version: '2', publisher: 'eve', publishedAt: '2026-12-01T00:00:00Z' };
    expect(changeOf('echo', before, after)).toEqual({ name: 'echo', kind: 'same', lines: [], narrowed: [] });
  });

  it('of a new tool tells all that it says and may', () => {
    const { kind, lines, narrowed } = changeOf('echo', undefined, before);
    expect({ kind, narrowed }).toEqual({ kind: 'new', narrowed: [] });
    expect(lines).toEqual([
      '+ description: Old',
      '+ inputSchema: {"type":"object","properties":{}}',
      '+ sideEffect: false',
      '+ timeoutMs: 1000',
      '+ hosts: ["a.example.com"]',
      '+ secrets: []',
    ]);
  });

  it('of a tool that goes', () => {
    expect(changeOf('echo', before, undefined)).toMatchObject({ kind: 'gone', narrowed: [] });
  });

  it.each([
    ['description', { description: 'New' }],
    ['outputSchema', { outputSchema: { type: 'object' } }],
    ['sideEffect', { sideEffect: true }],
    ['timeoutMs', { timeoutMs: 2_000 }],
    ['tenants', { tenants: ['acme'] }],
    ['hosts', { hosts: ['b.example.com'] }],
    ['secrets', { secrets: ['TOKEN'] }],
  ])('of its %s shows both', (member, given) => {
    const { kind, lines } = changeOf('echo', before, { ...before, ...given });
    expect(kind).toBe('changed');
    expect(lines.map((line) => line.slice(0, member.length + 3))).toEqual([`- ${member}:`, `+ ${member}:`]);
  });

  it('of the bundle alone is one, too', () => {
    const after = { ...before, sha256: entryOf('two').sha256 };
    expect(changeOf('echo', before, after)).toMatchObject({
      kind: 'changed',
      lines: [`  bundle: ${before.sha256.slice(0, 12)} becomes ${after.sha256.slice(0, 12)}`],
    });
  });

  it('says what calls under way may send that is taken no more', () => {
    const inputSchema = { type: 'object', properties: { day: { type: 'string' } }, required: ['day'] };
    const after = { ...before, inputSchema };
    expect(changeOf('echo', before, after).narrowed).toEqual(['day: is now required']);
    expect(changeOf('echo', after, before).narrowed).toEqual([
      'day: is gone, and what is sent for it is not read',
    ]);
  });
});
