import { describe, expect, it } from 'vitest';
import { retryDelivery } from '../../../shared/deliveries/deadLetters.ts';
import { leadCreated } from '../../support/deliveries.ts';
import { DeliveryWorld, type Fate, type WorldOptions } from '../../support/deliveryWorld.ts';
import { pick, seeded } from '../../support/simulation.ts';

const event = leadCreated({ id: 'e1' });
const large = leadCreated({ id: 'e1', data: { text: 'x'.repeat(20_000) } });

function createWorld(options: Partial<WorldOptions> = {}): DeliveryWorld {
  return new DeliveryWorld({
    fate: () => 'fine',
    status: (request) => (request < 2 ? 500 : 200),
    random: () => 0,
    twice: 0,
    ...options,
  });
}

const rowsOf = (world: DeliveryWorld) => Array.fromAsync(world.tables.list('deliveries', 'acme', 'd|'));

describe.each([
  ['a small event', event],
  ['a large event', large],
])('%s', (_name, told) => {
  it('takes two failures and a success where nothing goes wrong', async () => {
    const world = createWorld();
    await world.enqueue(told);
    await world.runToEnd();
    expect(world.requests.map(({ status }) => status)).toEqual([500, 500, 200]);
  });

  it.each<Fate>(['crash-before', 'crash-after', 'fail-before', 'fail-after', 'stand-still'])(
    'arrives whatever operation meets its fate: %s',
    async (fate) => {
      const calm = createWorld();
      await calm.enqueue(told);
      await calm.runToEnd();
      expect(calm.operations).toBeGreaterThan(15);
      for (let at = 0; at < calm.operations; at++) {
        const world = createWorld({ fate: (operation) => (operation === at ? fate : 'fine') });
        if (!(await world.enqueue(told))) await world.enqueue(told);
        await world.runToEnd();
        const [row, ...others] = await rowsOf(world);
        expect([at, row?.state, others]).toEqual([at, 'delivered', []]);
        const accepted = world.requests.filter(({ status }) => status === 200);
        expect(accepted.length).toBeGreaterThanOrEqual(1);
        expect(accepted.length).toBeLessThanOrEqual(2);
        expect(new Set(world.requests.map(({ id }) => id))).toEqual(new Set(['e1']));
        expect(new Set(world.requests.map(({ body }) => body)).size).toBe(1);
      }
    },
  );

  it('arrives once it is stored, though who told it is gone', async () => {
    for (const fate of ['crash-before', 'crash-after'] as const) {
      for (let at = 0; at < 4; at++) {
        const world = createWorld({ fate: (operation) => (operation === at ? fate : 'fine') });
        const isTold = await world.enqueue(told);
        const isStored = (await rowsOf(world)).length > 0;
        expect(isStored || !isTold).toBe(true);
        await world.runToEnd();
        expect(world.requests.some(({ status }) => status === 200)).toBe(isStored);
      }
    }
  });
});

const events = Array.from({ length: 8 }, (_, i) => leadCreated({ id: `e${i}`, data: { i } }));

async function runWorld(seed: number, options: Partial<WorldOptions>): Promise<DeliveryWorld> {
  const random = seeded(seed);
  const world = createWorld({
    random,
    twice: 0.3,
    status: () => pick([200, 200, 500, 429, 404], random()),
    ...options,
  });
  for (const told of events) {
    while (!(await world.enqueue(told)));
    if (random() < 0.3) await world.enqueue(told);
  }
  for (let round = 0; round < 20; round++) {
    await world.runToEnd();
    const dead = (await rowsOf(world)).filter(({ state }) => state === 'dead');
    if (dead.length === 0) break;
    // An operator sees to what ran out of tries.
    for (const { eventId } of dead) {
      await retryDelivery(
        { tables: world.tables, queues: { send: async () => {}, ping: async () => {} } },
        'acme',
        String(eventId),
        new Date(world.now),
      );
    }
  }
  expect((await rowsOf(world)).map(({ state }) => state)).toEqual(events.map(() => 'delivered'));
  const accepted = world.requests.filter(({ status }) => status === 200);
  expect(new Set(accepted.map(({ id }) => id))).toEqual(new Set(events.map(({ id }) => id)));
  for (const { id, body } of world.requests)
    expect(JSON.parse(body)).toMatchObject({ data: { i: Number(id.slice(1)) } });
  return world;
}

const seeds = Array.from({ length: 40 }, (_, i) => i + 1);

describe('many events at once', () => {
  it('are each taken exactly once where tickets only double and change their order', async () => {
    for (const seed of seeds) {
      const world = await runWorld(seed, {});
      const accepted = world.requests.filter(({ status }) => status === 200).map(({ id }) => id);
      expect([seed, accepted.sort()]).toEqual([seed, events.map(({ id }) => id)]);
    }
  });

  it('are each taken at least once where workers are lost at any moment and storage fails', async () => {
    let [crashes, accepted] = [0, 0];
    for (const seed of seeds) {
      const chance = seeded(seed + 1_000);
      const fates: Fate[] = ['crash-before', 'crash-after', 'fail-before', 'fail-after', 'stand-still'];
      const world = await runWorld(seed, {
        fate: () => (chance() < 0.05 ? pick(fates, chance()) : 'fine'),
      });
      crashes += world.crashes;
      accepted += world.requests.filter(({ status }) => status === 200).length;
    }
    expect(crashes).toBeGreaterThan(200);
    // Some twice, as a worker that is lost after it has sent cannot say so.
    expect(accepted).toBeLessThan(seeds.length * events.length * 1.3);
  });
});
