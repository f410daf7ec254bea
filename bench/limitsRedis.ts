/**
 * The peers. They are packages of `bench/package.json`, which nothing else needs and which may not be installed; hence
 * the types written here by hand.
 */
import { createRequire } from 'node:module';
import type { Check, Contender } from './limitsContender.ts';

interface RedisClient {
  once(event: 'ready', listener: () => void): unknown;
  defineCommand(name: string, definition: { numberOfKeys: number; lua: string }): void;
  sendCommand(...args: unknown[]): unknown;
}

type BucketClient = RedisClient & {
  takeToken(key: string, quota: number, windowS: number, nowS: number): Promise<[number, number]>;
};

interface FlexibleOptions {
  storeClient: RedisClient;
  keyPrefix: string;
  points: number;
  /** Seconds. */
  duration: number;
  inMemoryBlockOnConsumed: number;
}

interface Packages {
  Redis: new (options: { host: string; port: number; enableOfflineQueue: boolean }) => RedisClient;
  RateLimiterRedis: new (options: FlexibleOptions) => { consume(key: string): Promise<unknown> };
}

/** @throws Error where `npm ci` has not been run in `bench`. */
function peerPackages(): Packages {
  const require = createRequire(import.meta.url);
  return {
    ...(require('ioredis') as Pick<Packages, 'Redis'>),
    ...(require('rate-limiter-flexible') as Pick<Packages, 'RateLimiterRedis'>),
  };
}

/**
 * A connection as rate-limiter-flexible's documentation wants it, without offline queue. ioredis' automatic pipelining
 * stays off, as is its default: on a local connection it was measured to be slower at every width (0.6 x at 64 callers).
 */
async function connect({ Redis }: Packages, port: number, count: () => void): Promise<RedisClient> {
  const client = new Redis({ host: '127.0.0.1', port, enableOfflineQueue: false });
  await new Promise<void>((resolve) => client.once('ready', resolve));
  const send = client.sendCommand.bind(client);
  client.sendCommand = (...args) => {
    count();
    return send(...args);
  };
  return client;
}

/**
 * The plain algorithm: a token bucket of floats in a hash, refilled by the caller's clock, that expires two windows
 * after its last admission. Gives {1, tokens left} or {0, seconds to wait}.
 */
const bucketScript = `
local quota, window, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local rate = quota / window
local held = redis.call('HMGET', KEYS[1], 'tokens', 'last_refill')
local since = now - (tonumber(held[2]) or now)
local tokens = math.min(quota, (tonumber(held[1]) or quota) + since * rate)
if tokens < 1 then return {0, math.ceil((1 - tokens) / rate)} end
redis.call('HMSET', KEYS[1], 'tokens', tokens - 1, 'last_refill', now)
redis.call('EXPIRE', KEYS[1], window * 2)
return {1, tokens - 1}
`;

/** The plain token bucket in Lua, sent as EVALSHA. */
export async function createRedisBucket(port: number): Promise<Contender> {
  let operations = 0;
  const client = (await connect(peerPackages(), port, () => {
    operations++;
  })) as BucketClient;
  client.defineCommand('takeToken', { numberOfKeys: 1, lua: bucketScript });
  return {
    check:
      ({ quota, windowS }): Check =>
      async (identifier) => {
        const [allowed] = await client.takeToken(
          `rate_limit:${identifier}`,
          quota,
          windowS,
          Date.now() / 1000,
        );
        return allowed === 1 ? 'allowed' : 'refused';
      },
    operations: () => operations,
  };
}

/**
 * rate-limiter-flexible's RateLimiterRedis. `inMemoryBlockOnConsumed` is the quota, as its page on floods advises: who
 * is over the limit is refused from memory. No insurance limiter: that is for a store that is gone.
 */
export async function createFlexible(port: number): Promise<Contender> {
  let operations = 0;
  const packages = peerPackages();
  const storeClient = await connect(packages, port, () => {
    operations++;
  });
  return {
    check({ quota: points, windowS: duration }): Check {
      const limiter = new packages.RateLimiterRedis({
        storeClient,
        keyPrefix: `flexible-${points}`,
        points,
        duration,
        inMemoryBlockOnConsumed: points,
      });
      return async (identifier) => {
        try {
          await limiter.consume(identifier);
          return 'allowed';
        } catch (refusal) {
          if (refusal instanceof Error) throw refusal;
          return 'refused';
        }
      };
    },
    operations: () => operations,
  };
}
