import { describe, expect, it } from 'vitest';
import { Instances } from '../../../shared/tools/live/instances.ts';
import { ToolBlobs } from '../../../shared/tools/live/toolBlobs.ts';
import { readManifest } from '../../../shared/tools/manifest/signing.ts';
import { entryOf, testKey } from '../../support/publishedTools.ts';
import { builtTool, imprint, publishing } from './published.ts';

describe('a publisher', () => {
  it('finds nothing where nothing is published', async () => {
    expect((await publishing().publisher().read()).manifest).toBeUndefined();
  });

  it('publishes what apps that trust its key read, with the bundle', async () => {
    const { stores, key, publisher } = publishing();
    expect(await publisher().replace([builtTool('echo', 'one')], [], imprint)).toBe(1);
    const document = (await stores.blobs.get('tools', 'manifest.json')) ?? Buffer.of();
    const entry = entryOf('one', {
      version: 'v1',
      publisher: 'ann',
      publishedAt: '2026-11-21T10:00:00.000Z',
    });
    expect(readManifest(document, [key.trusted])).toMatchObject({
      ok: true,
      manifest: { sequence: 1, tools: { echo: entry } },
    });
    expect(Buffer.from(await new ToolBlobs(stores.blobs).bundle(entry)).toString()).toBe('one');
  });

  it('rises above what apps have taken, also where the manifest is gone', async () => {
    const { stores, publisher } = publishing();
    await new Instances(stores.tables).raise(7);
    expect(await publisher().replace([builtTool('echo', 'one')], [], imprint)).toBe(8);
  });

  it('replaces and removes what it is told to, and nothing else', async () => {
    const { publisher } = publishing();
    const ann = publisher();
    await ann.replace([builtTool('a', 'a1'), builtTool('b', 'b1'), builtTool('c', 'c1')], [], imprint);
    const sequence = await ann.replace([builtTool('a', 'a2')], ['c', 'unheard_of'], {
      ...imprint,
      version: 'v2',
    });
    const { manifest } = await ann.read();
    expect(manifest?.sequence).toBe(sequence);
    expect(Object.entries(manifest?.tools ?? {}).map(([name, { version }]) => `${name} ${version}`)).toEqual([
      'a v2',
      'b v1',
    ]);
  });

  it('denies by name and hash, and keeps that when it publishes', async () => {
    const { publisher } = publishing();
    const ann = publisher();
    const deny = ['echo', entryOf('one').sha256];
    await ann.change(() => ({ deny }), imprint);
    await ann.replace([builtTool('echo', 'two')], [], imprint);
    expect((await ann.read()).manifest).toMatchObject({ sequence: 2, deny });
  });

  it('keeps what was published to go back to, the newest too', async () => {
    const { publisher } = publishing();
    const ann = publisher();
    await ann.replace([builtTool('echo', 'one')], [], imprint);
    const published = await ann.read();
    expect(await ann.past(1)).toEqual(published.manifest);
    await ann.replace([builtTool('echo', 'two'), builtTool('rain', 'r')], [], imprint);
    expect(await ann.restore(await ann.past(1), imprint.now, await ann.read())).toBe(3);
    expect((await ann.read()).manifest).toMatchObject({ restores: 1, tools: published.manifest?.tools });
    expect(Object.keys((await ann.past(2)).tools)).toEqual(['echo', 'rain']);
    await expect(ann.past(7)).rejects.toThrow('Nothing is kept of the sequence 7. npm run tools -- rollback');
  });

  it('goes back step by step to what had other tools', async () => {
    const ann = publishing().publisher();
    const back = async () => {
      const { manifest } = await ann.read();
      return manifest && (await ann.before(manifest, imprint.now))?.sequence;
    };
    for (const bundle of ['one', 'two']) await ann.replace([builtTool('echo', bundle)], [], imprint);
    await ann.change(() => ({ deny: ['rain'] }), imprint);
    await ann.replace([builtTool('echo', 'three')], [], imprint);
    expect(await back()).toBe(3);
    await ann.restore(await ann.past(3), imprint.now, await ann.read());
    expect(await back()).toBe(1);
    await ann.restore(await ann.past(1), imprint.now, await ann.read());
    expect((await ann.read()).manifest?.tools.echo?.sha256).toBe(entryOf('one').sha256);
    expect(await back()).toBeUndefined();
  });

  it.each([
    ['a word to deny that is no name', { deny: ['Not a name'] }, 'deny.0'],
    ['a name that is none', { tools: { Ärger: entryOf('one') } }, 'tools'],
    [
      'a description that is too long',
      { tools: { a: entryOf('one', { description: 'x'.repeat(1_001) }) } },
      'description',
    ],
  ])('refuses %s, and leaves what is there', async (_, change, place) => {
    const ann = publishing().publisher();
    await ann.replace([builtTool('echo', 'one')], [], imprint);
    await expect(ann.change(() => change, imprint)).rejects.toThrow(
      new RegExp(`^No app would take this: .*${place}`),
    );
    expect((await ann.read()).manifest?.sequence).toBe(1);
  });

  it('says what was published, in its journal', async () => {
    const { stores, publisher } = publishing();
    await publisher().replace([builtTool('a', 'a1'), builtTool('b', 'b1')], [], imprint);
    const now = new Date('2026-11-21T11:00:00Z');
    await publisher().replace([builtTool('a', 'a1'), builtTool('c', 'c1')], ['b'], { version: 'v2', now });
    const journal = await stores.blobs.get('tools-journal', '2026-11-21/publisher-main.jsonl');
    const lines = Buffer.from(journal ?? [])
      .toString()
      .trimEnd()
      .split('\n');
    expect(lines).toHaveLength(2);
    expect(JSON.parse(lines[1] ?? '')).toEqual({
      at: now.toISOString(),
      writer: 'publisher-main',
      kind: 'published',
      sequence: 2,
      publisher: 'ann',
      changed: [{ name: 'b' }, { name: 'c', version: 'v2', sha256: entryOf('c1').sha256 }],
      deny: [],
    });
  });
});

describe('what no app would take', () => {
  it('is not built upon: an older manifest that somebody put back', async () => {
    const { stores, publisher } = publishing();
    const ann = publisher();
    await ann.replace([builtTool('echo', 'one')], [], imprint);
    const old = (await stores.blobs.get('tools', 'manifest.json')) ?? Buffer.of();
    await ann.change(() => ({ deny: ['echo'] }), imprint);
    await stores.blobs.put('tools', 'manifest.json', old);
    expect(await ann.read()).toMatchObject({
      manifest: undefined,
      problem: 'It has the sequence 1, and apps have taken 2 already.',
    });
    await expect(ann.replace([builtTool('rain', 'r')], [], imprint)).rejects.toThrow('kept are 2, 1.');
    expect(await ann.restore(await ann.past(2), imprint.now, await ann.read())).toBe(3);
    expect((await ann.read()).manifest).toMatchObject({ deny: ['echo'], tools: { echo: {} } });
  });

  it('is not gone back to: what somebody moved to another sequence', async () => {
    const { stores, publisher } = publishing();
    const ann = publisher();
    for (const bundle of ['one', 'two']) await ann.replace([builtTool('echo', bundle)], [], imprint);
    const [one, two] = ['manifests/000000000001.json', 'manifests/000000000002.json'];
    await stores.blobs.put('tools', two, (await stores.blobs.get('tools', one)) ?? Buffer.of());
    await expect(ann.past(2)).rejects.toThrow('What is kept as sequence 2 is another.');
  });

  it('is put right from what is kept, whatever lies there', async () => {
    const { stores, publisher } = publishing();
    const ann = publisher();
    await ann.replace([builtTool('echo', 'one')], [], imprint);
    await stores.blobs.put('tools', 'manifest.json', Buffer.from('x'));
    await expect(ann.change(() => ({}), imprint)).rejects.toThrow('is not a signed document');
    expect(await ann.restore(await ann.past(1), imprint.now, await ann.read())).toBe(2);
    expect(Object.keys((await ann.read()).manifest?.tools ?? {})).toEqual(['echo']);
  });

  it('a bundle that was damaged is stored again', async () => {
    const { stores, publisher } = publishing();
    const built = [builtTool('echo', 'one')];
    const { sha256 } = entryOf('one');
    await publisher().store(built);
    await stores.blobs.put('tools', `bundles/sha256/${sha256}`, Buffer.from('x'));
    await publisher().store(built);
    expect(Buffer.from((await stores.blobs.get('tools', `bundles/sha256/${sha256}`)) ?? []).toString()).toBe(
      'one',
    );
  });
});

describe('keys of publishers', () => {
  it('nobody overwrites, or goes back to, what a stranger signed', async () => {
    const { stores, publisher } = publishing();
    const [ann, stranger] = [publisher(), publisher(testKey('stranger'))];
    await stranger.replace([builtTool('echo', 'one')], [], imprint);
    const document = await stores.blobs.get('tools', 'manifest.json');
    const refusal = /^What is published was not signed by main or a key of GATEHOUSE_TOOL_KEYS/;
    expect((await ann.read()).problem).toMatch(refusal);
    await expect(ann.replace([builtTool('echo', 'two')], [], imprint)).rejects.toThrow(refusal);
    expect(await stores.blobs.get('tools', 'manifest.json')).toEqual(document);
    await stranger.change(() => ({}), imprint);
    await expect(ann.past(1)).rejects.toThrow(refusal);
  });

  it('a key of the same name that is another is a stranger', async () => {
    const { publisher } = publishing();
    await publisher(testKey('main')).replace([], [], imprint);
    expect((await publisher().read()).problem).toContain('The signature does not match');
  });

  it('a new key takes over what an old one that is trusted signed', async () => {
    const { key, publisher } = publishing();
    await publisher().replace([builtTool('echo', 'one')], [], imprint);
    const next = testKey('next');
    const bob = publisher(next, [key.trusted]);
    expect(await bob.replace([builtTool('rain', 'r')], [], imprint)).toBe(2);
    expect(Object.keys((await publisher(next).read()).manifest?.tools ?? {})).toEqual(['echo', 'rain']);
    expect((await bob.past(1)).sequence).toBe(1);
    expect((await publisher().read()).problem).toContain('was not signed by main');
  });
});
