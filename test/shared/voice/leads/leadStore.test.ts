import { describe, expect, it } from 'vitest';
import { createMemoryStores } from '../../../../shared/storage/memory/memoryStores.ts';
import type { LeadRequest } from '../../../../shared/voice/leads/lead.ts';
import { LeadStore } from '../../../../shared/voice/leads/leadStore.ts';

const noon = Date.parse('2026-11-21T12:00:00.000Z');
const hour = 3_600_000;

function setup() {
  const { tables } = createMemoryStores();
  let ids = 0;
  const make = () => new LeadStore(tables, () => `lead_${++ids}`);
  const leads = make();
  let keys = 0;
  return {
    tables,
    leads,
    make,
    save({ details = {}, at = noon, ...more }: Partial<Omit<LeadRequest, 'now'>> & { at?: number } = {}) {
      return leads.save({
        tenantId: 'acme',
        callerNumber: '+61491570156',
        callId: 'c-1',
        idempotencyKey: `key-${++keys}`,
        ...more,
        details: { service: 'Drains', ...details },
        now: new Date(at),
      });
    },
    rows: () => Array.fromAsync(tables.list('leads', 'acme')),
    async ids(query: Partial<Parameters<LeadStore['page']>[1]> = {}) {
      const { items } = await leads.page('acme', { limit: 100, ...query });
      return items.map(({ leadId }) => leadId);
    },
  };
}

describe('saving a lead', () => {
  it('says whether it was created, added to, or answered before', async () => {
    const s = setup();
    expect(await s.save({ idempotencyKey: 'a' })).toEqual({
      id: 'lead_1',
      change: 'created',
      isRepeated: false,
    });
    expect(await s.save({ idempotencyKey: 'b' })).toEqual({
      id: 'lead_1',
      change: 'updated',
      isRepeated: false,
    });
    const before = await s.rows();
    expect(await s.save({ idempotencyKey: 'a' })).toMatchObject({
      id: 'lead_1',
      change: 'created',
      isRepeated: true,
    });
    expect(await s.save({ idempotencyKey: 'b' })).toMatchObject({
      id: 'lead_1',
      change: 'updated',
      isRepeated: true,
    });
    expect(await s.rows()).toEqual(before);
  });

  it('tells one creation and else additions, when many come at once', async () => {
    const s = setup();
    const saved = await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        s.save({ idempotencyKey: `k${i % 6}`, details: { notes: `n${i % 6}` } }),
      ),
    );
    const count = (what: string) =>
      saved.filter(({ change, isRepeated }) => (isRepeated ? 'repeated' : change) === what).length;
    expect([count('created'), count('updated'), count('repeated')]).toEqual([1, 5, 6]);
    expect(
      String((await s.leads.get('acme', 'lead_1'))?.notes)
        .split('\n')
        .sort(),
    ).toEqual(['n0', 'n1', 'n2', 'n3', 'n4', 'n5']);
  });

  it('keeps kinds apart: a message and a call back are no lead', async () => {
    const s = setup();
    await s.save();
    await s.save({ kind: 'message', details: { message: 'Ring my sister.', service: undefined } });
    await s.save({ kind: 'message', details: { message: 'And my brother.', service: undefined } });
    await s.save({ kind: 'callback', details: { wantedTime: 'after five' } });
    await s.save({ kind: 'callback', details: { wantedTime: 'tomorrow' } });
    const { items } = await s.leads.page('acme', { limit: 10 });
    expect(items.toSorted((a, b) => (String(a.kind) < String(b.kind) ? -1 : 1))).toMatchObject([
      { kind: 'callback', wantedTime: 'tomorrow' },
      { kind: 'lead', service: 'Drains' },
      { kind: 'message', message: 'Ring my sister.\nAnd my brother.' },
    ]);
    expect(await s.ids({ kind: 'message' })).toEqual(['lead_2']);
    expect(items[0]).not.toHaveProperty('answerKeys');
  });

  it('says a note once, and keeps details that a later request leaves out', async () => {
    const s = setup();
    await s.save({ details: { notes: 'Dog.', suburb: 'Enmore' } });
    await s.save({ details: { notes: 'Side door.\nBell is broken.' } });
    await s.save({ details: { notes: 'Dog.' } });
    await s.save({ details: { notes: 'Side door.\nBell is broken.' } });
    expect(await s.leads.get('acme', 'lead_1')).toMatchObject({
      notes: 'Dog.\nSide door.\nBell is broken.',
      suburb: 'Enmore',
    });
  });

  it('writes the same by id and by time', async () => {
    const s = setup();
    await s.save({ details: { suburb: 'Enmore' } });
    await s.save({ at: noon + hour, details: { urgency: 'today' } });
    const [byId, byTime] = (await s.rows()).filter(({ rowKey }) => /^[lt]/.test(rowKey));
    expect(byTime).toEqual({ ...byId, rowKey: byId?.timeKey, etag: byTime?.etag });
    expect(byTime).toMatchObject({ suburb: 'Enmore', urgency: 'today' });
  });

  it('fits what a table holds, and loses nothing: what has no room goes into a next lead', async () => {
    const s = setup();
    const notes = Array.from({ length: 100 }, (_, i) => `${i} `.padEnd(900, 'é🚪').toWellFormed());
    const saved = [];
    for (const [i, text] of notes.entries())
      saved.push(await s.save({ idempotencyKey: `n${i}`, at: noon + i * 1_000, details: { notes: text } }));
    const rows = await s.rows();
    for (const row of rows)
      for (const value of Object.values(row)) expect(String(value).length).toBeLessThan(32_000);
    const items = (await s.leads.page('acme', { limit: 10 })).items.toReversed();
    expect(items.map(({ leadId, continues }) => [leadId, continues])).toEqual([
      ['lead_1', undefined],
      ['lead_2', 'lead_1'],
      ['lead_3', 'lead_2'],
      ['lead_4', 'lead_3'],
    ]);
    expect(items.flatMap((item) => String(item.notes).split('\n'))).toEqual(notes);
    for (const [i, { id, change }] of saved.entries()) {
      const { notes: held } = (await s.leads.get('acme', id)) ?? {};
      expect(String(held).split('\n')).toContain(notes[i]);
      expect(change === 'created').toBe(i === 0 || saved[i - 1]?.id !== id);
    }
    expect(await s.save({ idempotencyKey: 'n50' })).toMatchObject({ id: saved[50]?.id, isRepeated: true });
  });

  it('goes on in a next lead where one has been added to very often, and knows all answers of both', async () => {
    const s = setup();
    for (let i = 0; i < 302; i++) await s.save({ idempotencyKey: `n${i}`, details: { notes: `${i}` } });
    expect(await s.ids()).toHaveLength(2);
    const answers = (await Array.fromAsync(s.leads.list('acme'))).flatMap(({ answerKeys }) =>
      String(answerKeys).split('\n'),
    );
    expect(new Set(answers).size).toBe(302);
    expect(await s.leads.eraseNumber('acme', '+61491570156')).toBe(2);
    expect((await s.rows()).map(({ rowKey }) => rowKey)).toEqual(['m|timed']);
  });

  it('has the details in the next lead as well, so that it is found and forgotten by itself', async () => {
    const s = setup();
    const long = (letter: string) => letter.repeat(20_000);
    const told = { callbackNumber: '0411 222 333', callerName: 'Sam', urgency: 'today' };
    await s.save({ kind: 'message', details: { message: long('a'), ...told } });
    await s.save({ kind: 'message', details: { message: long('b'), urgency: 'quote' } });
    expect(await s.leads.get('acme', 'lead_2')).toMatchObject({
      ...told,
      message: long('b'),
      urgency: 'quote',
      continues: 'lead_1',
    });
    expect(await s.ids({ urgency: 'today' })).toEqual(['lead_1']);
    expect(await s.leads.eraseNumber('acme', '+61411222333')).toBe(2);
    expect(await s.ids()).toEqual([]);
  });

  it('loses nothing where many long texts come at once', async () => {
    const s = setup();
    const texts = Array.from({ length: 12 }, (_, i) => `${i} `.padEnd(9_000, 'x'));
    await Promise.all(texts.map((notes, i) => s.save({ idempotencyKey: `k${i}`, details: { notes } })));
    const { items } = await s.leads.page('acme', { limit: 10 });
    expect(items.flatMap((item) => String(item.notes).split('\n')).sort()).toEqual([...texts].sort());
    expect(items).toHaveLength(4);
  });

  it('gives up where rows stay in conflict, with a failure that can be tried again', async () => {
    const s = setup();
    s.tables.transact = async () => 'conflict';
    await expect(s.save()).rejects.toMatchObject({ code: 'storage-unavailable' });
  });
});

describe('pages of leads', () => {
  it('are latest first, and stable while leads are added', async () => {
    const s = setup();
    for (let i = 0; i < 5; i++) await s.save({ callerNumber: `+6149157000${i}`, at: noon + i * hour });
    const first = await s.leads.page('acme', { limit: 2 });
    expect(first.items.map(({ leadId }) => leadId)).toEqual(['lead_5', 'lead_4']);
    await s.save({ callerNumber: '+61491570099', at: noon + 9 * hour });
    const second = await s.leads.page('acme', { limit: 2, cursor: first.cursor });
    expect(second.items.map(({ leadId }) => leadId)).toEqual(['lead_3', 'lead_2']);
    const third = await s.leads.page('acme', { limit: 2, cursor: second.cursor });
    expect(third).toEqual({ items: [expect.objectContaining({ leadId: 'lead_1' })] });
  });

  it('take times and urgency', async () => {
    const s = setup();
    for (const [i, urgency] of ['today', 'quote', 'today', undefined].entries())
      await s.save({ callerNumber: `+6149157000${i}`, at: noon + i * hour, details: { urgency } });
    expect(await s.ids({ urgency: 'today' })).toEqual(['lead_3', 'lead_1']);
    expect(await s.ids({ from: new Date(noon + hour), to: new Date(noon + 3 * hour) })).toEqual([
      'lead_3',
      'lead_2',
    ]);
    expect(await s.ids({ from: new Date(noon + hour), urgency: 'today' })).toEqual(['lead_3']);
    const named = await Array.fromAsync(s.leads.listByTime('acme', { to: new Date(noon + hour) }));
    expect(named.map(({ leadId }) => leadId)).toEqual(['lead_1']);
  });

  it('have leads of old, that were not listed by time, also when one is written by an old instance meanwhile', async () => {
    const s = setup();
    const old = (leadId: string, hours: number) =>
      s.tables.replace('leads', {
        partitionKey: 'acme',
        rowKey: `l|${leadId}`,
        leadId,
        service: 'Drains',
        createdAt: new Date(noon + hours * hour).toISOString(),
        updatedAt: new Date(noon + hours * hour).toISOString(),
        callerNumber: '+61491570156',
      });
    await old('old-1', 1);
    await old('old-2', 2);
    await s.save({ at: noon + 90 * 60_000 });
    expect(await s.ids()).toEqual(['old-2', 'lead_1', 'old-1']);
    await old('old-3', 3);
    expect(await s.ids()).toEqual(['old-3', 'old-2', 'lead_1', 'old-1']);
    expect(await s.ids()).toHaveLength(4);
    expect((await s.leads.page('acme', { limit: 1 })).items).toMatchObject([
      { kind: 'lead', service: 'Drains' },
    ]);
    const listed: string[] = [];
    const list = s.tables.list.bind(s.tables);
    s.tables.list = (table, partition, prefix = '', range) => {
      listed.push(prefix);
      return list(table, partition, prefix, range);
    };
    await s.make().page('acme', { limit: 1 });
    expect(listed).toEqual(['t|']);
  });

  it('add to a lead of old without losing what it had', async () => {
    const s = setup();
    await s.save({ details: { suburb: 'Enmore' } });
    const [row] = await Array.fromAsync(s.leads.list('acme'));
    const {
      etag: _,
      timeKey,
      answerKeys: __,
      kind: ___,
      ...old
    } = row as Record<string, string> & typeof row;
    await s.tables.replace('leads', old);
    await s.tables.delete('leads', 'acme', String(timeKey));
    await s.save({ details: { urgency: 'today' } });
    expect((await s.leads.page('acme', { limit: 9 })).items).toMatchObject([
      { leadId: 'lead_1', suburb: 'Enmore', urgency: 'today' },
    ]);
  });
});

describe('erasing leads', () => {
  it('of a number leaves no trace, also of one that only named it to be called back', async () => {
    const s = setup();
    await s.save({ details: { notes: 'secret' } });
    await s.save({ kind: 'message', details: { message: 'secret' } });
    await s.save({ callerNumber: '+61491570157', details: { callbackNumber: '+61 491 570 156' } });
    await s.save({ callerNumber: '+61491570158', idempotencyKey: 'other' });
    expect(await s.leads.eraseNumber('acme', '+61491570156')).toBe(3);
    expect(await s.ids()).toEqual(['lead_4']);
    const rest = await s.rows();
    expect(rest.map(({ rowKey }) => rowKey[0]).sort()).toEqual(['d', 'i', 'l', 'm', 't']);
    expect(JSON.stringify(rest)).not.toMatch(/secret|491 ?570 ?156/);
    expect(await s.leads.eraseNumber('acme', '+61491570156')).toBe(0);
    expect(await s.save()).toMatchObject({ change: 'created' });
  });

  it('of nothing that is a number erases nothing', async () => {
    const s = setup();
    await s.save({ callerNumber: undefined });
    await s.save();
    for (const number of ['', ' ', '+', '156']) expect(await s.leads.eraseNumber('acme', number)).toBe(0);
  });

  it('goes on after it was cut short, at whatever step', async () => {
    for (let steps = 0; steps < 6; steps++) {
      const s = setup();
      await s.save({ details: { notes: 'secret' } });
      const remove = s.tables.delete.bind(s.tables);
      let left = steps;
      s.tables.delete = async (...args) => {
        if (left-- <= 0) throw new Error('down');
        await remove(...args);
      };
      await s.leads.eraseNumber('acme', '+61491570156').catch(() => {});
      s.tables.delete = remove;
      expect(await Array.fromAsync(s.leads.list('acme'))).toEqual([]);
      await s.leads.eraseNumber('acme', '+61491570156');
      expect(await s.rows()).toEqual([]);
    }
  });

  it('is not undone by a request that was adding to the lead', async () => {
    const s = setup();
    await s.save({ details: { notes: 'secret' } });
    const transact = s.tables.transact.bind(s.tables);
    s.tables.transact = async (...args) => {
      s.tables.transact = transact;
      await s.leads.eraseNumber('acme', '+61491570156');
      return transact(...args);
    };
    expect(await s.save({ details: { notes: 'new' } })).toMatchObject({ change: 'created' });
    expect(JSON.stringify(await s.rows())).not.toContain('secret');
    expect(await s.ids()).toHaveLength(1);
  });

  it('is not undone by a request that was going on with a full lead', async () => {
    const s = setup();
    await s.save({ details: { notes: 'secret'.repeat(4_999), callerName: 'Sam' } });
    const transact = s.tables.transact.bind(s.tables);
    const write = s.tables.write.bind(s.tables);
    // The erasure has emptied the lead and come no further when the request is written.
    s.tables.transact = async (...args) => {
      s.tables.transact = transact;
      s.tables.write = async (...given) => {
        await write(...given);
        throw new Error('down');
      };
      await s.leads.eraseNumber('acme', '+61491570156').catch(() => {});
      s.tables.write = write;
      return transact(...args);
    };
    expect(await s.save({ details: { notes: 'new '.repeat(100) } })).toMatchObject({ change: 'created' });
    const kept = await Array.fromAsync(s.leads.list('acme'));
    expect(kept).toHaveLength(1);
    expect(kept[0]).not.toHaveProperty('callerName');
  });

  it('takes with it a request that was adding to the lead at that moment', async () => {
    const s = setup();
    await s.save();
    const write = s.tables.write.bind(s.tables);
    s.tables.write = async (...args) => {
      s.tables.write = write;
      await s.save({ details: { notes: 'secret' } });
      return write(...args);
    };
    expect(await s.leads.eraseNumber('acme', '+61491570156')).toBe(1);
    expect(await s.rows()).toEqual([]);
  });

  it('that was cut short does not hold up a new one', async () => {
    const s = setup();
    await s.save({ details: { notes: 'secret' } });
    const remove = s.tables.delete.bind(s.tables);
    s.tables.delete = async () => {
      throw new Error('down');
    };
    await expect(s.leads.eraseNumber('acme', '+61491570156')).rejects.toThrow('down');
    s.tables.delete = remove;
    expect(await s.save()).toEqual({ id: 'lead_2', change: 'created', isRepeated: false });
    expect(await s.leads.get('acme', 'lead_1')).toBeUndefined();
  });

  it('of old leaves the pointer to a newer one', async () => {
    const s = setup();
    await s.save();
    await s.save({ at: noon + 25 * hour });
    expect(await s.leads.eraseBefore('acme', new Date(noon + hour), 10)).toBe(1);
    expect(await s.save({ at: noon + 26 * hour })).toEqual({
      id: 'lead_2',
      change: 'updated',
      isRepeated: false,
    });
  });

  it('before a time takes no more than it may, and then goes on', async () => {
    const s = setup();
    for (let i = 0; i < 5; i++) await s.save({ callerNumber: `+6149157000${i}`, at: noon + i * hour });
    await s.save({ callerNumber: '+61491570000', at: noon + 8 * hour, details: { notes: 'again' } });
    const before = new Date(noon + 4 * hour);
    expect(await s.leads.eraseBefore('acme', before, 2)).toBe(2);
    expect(await s.leads.eraseBefore('acme', before, 2)).toBe(1);
    expect(await s.leads.eraseBefore('acme', before, 2)).toBe(0);
    // The first one was changed since.
    expect(await s.ids()).toEqual(['lead_5', 'lead_1']);
  });
});
