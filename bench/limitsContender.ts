/** A limit as every contender is given it: `quota` requests per `windowS` seconds. */
export interface Limit {
  quota: number;
  windowS: number;
}

/** `degraded`: admitted without the store's knowledge. `failed`: neither admitted nor known to be over the limit. */
export type Outcome = 'allowed' | 'degraded' | 'refused' | 'failed';

export type Check = (identifier: string) => Promise<Outcome>;

/** A limiter as the benchmark drives it, in a process of its own. */
export interface Contender {
  /** Counts one request against the limit. */
  check(limit: Limit): Check;
  /** Operations sent to the store so far. */
  operations(): number;
}

/** Where the contenders keep their state. */
export interface Places {
  /** Connection string of the storage account. */
  storage: string;
  /** Port of Redis on this machine; undefined where there is none. */
  redisPort: number | undefined;
}

/** Printed names, ours first. */
export const contenderNames = {
  gatehouse: 'Gatehouse',
  redis: 'Lua on Redis',
  flexible: 'rate-limiter-flexible',
} as const;
export type ContenderName = keyof typeof contenderNames;
