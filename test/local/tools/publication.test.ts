import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { changeOf, type Make, nextManifest, restoredManifest } from '../../../local/tools/publication.ts';
import { manifestSchema, toolsAt } from '../../../shared/tools/manifest/manifest.ts';
import { entryOf, manifestOf } from '../../support/publishedTools.ts';

const now = new Date('2026-11-21T10:00:00Z');
const nothing: Make = () => ({});

describe('the next manifest', () => {
  it('is the first where there was none', () => {
    const first = nextManifest(undefined, nothing, { now });
    expect(first).toMatchObject({ sequence: 1, createdAt: now.toISOString(), deny: [], tools: {} });
    expect(first).not.toHaveProperty('next');
    expect(manifestSchema.safeParse(first).success).toBe(true);
  });

  it('is one sequence on, and may be loaded for 400 days', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), (sequence) => {
        const next = nextManifest(manifestOf(sequence, {}), nothing, { now });
        expect(next.sequence).toBe(sequence + 1);
        expect(Date.parse(next.expiresAt) - now.getTime()).toBe(400 * 86_400_000);
      }),
    );
  });

  it('keeps what is not changed', () => {
    const before = manifestOf(1, { echo: entryOf('one') }, { deny: ['rain'] });
    expect(nextManifest(before, () => ({ tools: {} }), { now })).toMatchObject({ deny: ['rain'], tools: {} });
    expect(nextManifest(before, () => ({ deny: [] }), { now })).toMatchObject({
      deny: [],
      tools: before.tools,
    });
  });

  it('rises above what apps have taken', () => {
    expect(nextManifest(undefined, nothing, { now }, 7).sequence).toBe(8);
    expect(nextManifest(manifestOf(9, {}), nothing, { now }, 7).sequence).toBe(10);
  });
});

describe('a planned change', () => {
  const activeFrom = new Date(now.getTime() + 60_000);
  const before = manifestOf(1, { echo: entryOf('one') });
  const two = entryOf('two');
  const publishTwo: Make = ({ tools }) => ({ tools: { ...tools, echo: two } });
  const planned = nextManifest(before, publishTwo, { now, activeFrom });

  it('leaves what there is until then', () => {
    expect(planned).toMatchObject({
      tools: before.tools,
      next: { activeFrom: activeFrom.toISOString(), tools: { echo: two } },
    });
    expect(manifestSchema.safeParse(planned).success).toBe(true);
    expect(toolsAt(planned, now)).toEqual({ tools: before.tools, next: planned.next });
    expect(toolsAt(planned, activeFrom)).toEqual({ tools: { echo: two } });
  });

  it('stays planned through another change, which is one of both', () => {
    const rain = entryOf('rain');
    const next = nextManifest(planned, ({ tools }) => ({ tools: { ...tools, rain } }), { now });
    expect(next.tools).toEqual({ ...before.tools, rain });
    expect(next.next).toEqual({ activeFrom: planned.next?.activeFrom, tools: { echo: two, rain } });
    const denied = nextManifest(planned, () => ({ deny: ['echo'] }), { now });
    expect(denied).toMatchObject({ deny: ['echo'], tools: before.tools, next: planned.next });
  });

  it('is what there is once its time has come', () => {
    const next = nextManifest(planned, nothing, { now: activeFrom });
    expect(next.tools).toEqual({ echo: two });
    expect(next).not.toHaveProperty('next');
  });

  it('is not made while there is one', () => {
    expect(() => nextManifest(planned, nothing, { now, activeFrom })).toThrow(
      `Something is planned for ${activeFrom.toISOString()} already.`,
    );
  });

  it('goes where something is put back', () => {
    expect(restoredManifest(before, ['rain'], now, 6)).toMatchObject({
      sequence: 7,
      restores: 1,
      deny: ['rain'],
      tools: before.tools,
    });
    expect(restoredManifest(planned, [], now, 6)).not.toHaveProperty('next');
    expect(restoredManifest({ ...before, sequence: 5, restores: 3 }, [], now, 6).restores).toBe(3);
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
