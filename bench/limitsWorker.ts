/**
 * One contender of the limits benchmark in a process of its own. Its arguments are the contender's name and the places
 * as JSON; it carries out one order after the other, sent over IPC, and ends when its parent hangs up.
 */
import type { Check, Contender, ContenderName, Limit, Places } from './limitsContender.ts';
import { createGatehouse } from './limitsGatehouse.ts';
import {
  type ClosedLoad,
  type ClosedResult,
  closedLoop,
  type OpenLoad,
  openLoop,
  type Timeline,
} from './limitsLoad.ts';
import { createFlexible, createRedisBucket } from './limitsRedis.ts';

/** A limit and a load to put on it. */
export type Order = { limit: Limit } & ({ closed: ClosedLoad } | { open: OpenLoad });

export type Answer = { operations: number } & ({ closed: ClosedResult } | { open: Timeline });

async function create(name: ContenderName, { storage, redisPort }: Places): Promise<Contender> {
  if (name === 'gatehouse') return createGatehouse(storage);
  if (redisPort === undefined) throw new Error('a peer was asked for without Redis');
  return name === 'redis' ? createRedisBucket(redisPort) : createFlexible(redisPort);
}

const [name, places] = process.argv.slice(2);
const contender = await create(name as ContenderName, JSON.parse(places ?? '') as Places);
const checks = new Map<number, Check>();

/** Limits of one quota share a limiter. Its first check, of an identifier of its own, opens connections and tables. */
async function checkOf(limit: Limit): Promise<Check> {
  const known = checks.get(limit.quota);
  if (known) return known;
  const check = contender.check(limit);
  checks.set(limit.quota, check);
  await check(`first-of-${process.pid}`);
  return check;
}

async function carryOut(order: Order): Promise<Answer> {
  const check = await checkOf(order.limit);
  const before = contender.operations();
  const result =
    'closed' in order
      ? { closed: await closedLoop(check, order.closed) }
      : { open: await openLoop(check, order.open) };
  return { ...result, operations: contender.operations() - before };
}

process.on('message', (order: Order) => {
  void carryOut(order).then((answer) => process.send?.(answer));
});
process.once('disconnect', () => process.exit(0));
process.send?.('ready');
