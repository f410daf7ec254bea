import { describe, expect, it, vi } from 'vitest';
import type { Publisher } from '../../../local/tools/publisher.ts';
import { type Beat, Instances } from '../../../shared/tools/live/instances.ts';
import { builtTool, imprint, publishing } from './published.ts';

describe('two who publish at the same time', () => {
  it.each([
    ['first', 0],
    ['next', 1],
  ])('one of them loses, and is told, with the %s manifest', async (_, before) => {
    const { publisher } = publishing();
    const [ann, bob] = [publisher(), publisher()];
    for (let i = 0; i < before; i++) await ann.change(() => ({}), imprint);
    const outcomes = await Promise.allSettled([
      ann.replace([builtTool('a', 'a1')], [], imprint),
      bob.replace([builtTool('b', 'b1')], [], imprint),
    ]);
    const won = outcomes.findIndex(({ status }) => status === 'fulfilled');
    expect(outcomes[1 - won]).toMatchObject({
      status: 'rejected',
      reason: { message: 'Somebody else has published at the same time. Look, and try again.' },
    });
    expect(Object.keys((await ann.read()).manifest?.tools ?? {})).toEqual([won === 0 ? 'a' : 'b']);
  });

  it('what lost is nothing to go back to', async () => {
    const { publisher } = publishing();
    const [ann, bob] = [publisher(), publisher()];
    const outcomes = await Promise.allSettled([
      ann.replace([builtTool('a', 'a1')], [], imprint),
      bob.replace([builtTool('b', 'b1')], [], imprint),
    ]);
    const published = (await ann.read()).manifest;
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    await bob.change(() => ({ tools: {} }), imprint);
    expect(await ann.past(1)).toEqual(published);
  });
});

describe('a publication has settled', () => {
  type Seen = Partial<Pick<Beat, 'tools' | 'problems'>>;
  function fleet(given: Record<string, { sequence: number; agoMs?: number } & Seen>) {
    const { stores, publisher } = publishing();
    const instances = new Instances(stores.tables);
    const beat = (instance: string, sequence: number, agoMs = 0, seen: Seen = {}) =>
      instances.beat({
        instance,
        sequence,
        at: new Date(Date.now() - agoMs).toISOString(),
        tools: [],
        problems: [],
        ...seen,
      });
    const ready = Promise.all(
      Object.entries(given).map(([id, { sequence, agoMs, ...seen }]) => beat(id, sequence, agoMs, seen)),
    );
    const settled = async (...how: Parameters<Publisher['settled']>) => {
      await ready;
      return publisher().settled(...how);
    };
    return { beat, settled, publisher };
  }

  it('where no instance is in use, or the last was heard of over a minute ago', async () => {
    expect(await fleet({}).settled(2, 10_000)).toEqual({ live: 0, late: [], refused: [] });
    const { settled } = fleet({ old: { sequence: 1, agoMs: 61_000 } });
    expect(await settled(2, 10_000)).toEqual({ live: 0, late: [], refused: [] });
  });

  it('where all go by it, or by a later one', async () => {
    const { settled } = fleet({ a: { sequence: 2 }, b: { sequence: 3 } });
    expect(await settled(2, 10_000)).toEqual({ live: 2, late: [], refused: [] });
  });

  it('not while one is late: it is named when the time is up', async () => {
    const { settled } = fleet({ a: { sequence: 2 }, b: { sequence: 1 } });
    expect(await settled(2, 0)).toEqual({ live: 2, late: ['b'], refused: [] });
  });

  it('once the last one has looked, which it is woken to', async () => {
    const { settled, beat } = fleet({ a: { sequence: 2 }, b: { sequence: 1 } });
    const wake = vi.fn(async () => {
      if (wake.mock.calls.length === 2) await beat('b', 2);
    });
    expect(await settled(2, 10_000, wake)).toEqual({ live: 2, late: [], refused: [] });
    expect(wake).toHaveBeenCalledTimes(2);
  });

  describe('of a version', () => {
    const [sha256, other] = ['a'.repeat(64), 'b'.repeat(64)];
    const tool = { name: 'echo', kind: 'code', version: '2', calls: 0, errors: 0 };
    const wants = [{ name: 'echo', sha256 }];

    it('where every instance has it', async () => {
      const { settled } = fleet({ a: { sequence: 2, tools: [{ ...tool, sha256 }] } });
      expect(await settled(2, 10_000, undefined, wants)).toEqual({ live: 1, late: [], refused: [] });
    });

    it('not where one has another', async () => {
      const { settled } = fleet({
        a: { sequence: 2, tools: [{ ...tool, sha256 }] },
        b: { sequence: 2, tools: [{ ...tool, sha256: other }] },
      });
      expect(await settled(2, 0, undefined, wants)).toEqual({ live: 2, late: ['b'], refused: [] });
    });

    it('not where one could not load it, which is told at once', async () => {
      const letter = {
        at: '',
        kind: 'dead-letter',
        name: 'echo',
        message: 'It does not start.',
        sequence: 2,
      };
      const { settled } = fleet({ a: { sequence: 2, problems: [{ ...letter, sha256 }] } });
      expect(await settled(2, 10_000, undefined, wants)).toEqual({
        live: 1,
        late: ['a'],
        refused: ['echo: It does not start.'],
      });
      const before = fleet({ a: { sequence: 2, problems: [{ ...letter, sha256, sequence: 1 }] } });
      expect(await before.settled(2, 0, undefined, wants)).toMatchObject({ refused: [] });
    });
  });

  it('as status says, by instance', async () => {
    const { settled, publisher } = fleet({ a: { sequence: 2 }, old: { sequence: 1, agoMs: 61_000 } });
    await settled(2, 0);
    expect(await publisher().status()).toMatchObject({
      sequence: 2,
      isComplete: true,
      instances: [{ instance: 'a' }],
    });
  });
});
