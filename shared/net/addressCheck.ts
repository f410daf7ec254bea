import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';

/** All addresses of a host name. @throws where there are none. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** The system's resolver. */
export const resolveBySystem: Resolve = async (hostname) =>
  (await systemLookup(hostname, { all: true })).map(({ address }) => address);

/**
 * The addresses of a host, by name or written out, where every one of them is allowed; undefined where any is not. A
 * name that leads to the inside on some of its addresses is not given the benefit of the others.
 */
export async function checkedAddresses(
  host: string,
  resolve: Resolve,
  allow: (address: string) => boolean,
): Promise<readonly string[] | undefined> {
  const addresses = isIP(host) ? [host] : await resolve(host);
  return addresses.length > 0 && addresses.every(allow) ? addresses : undefined;
}

/**
 * A lookup that knows these addresses and no others, for sockets that try several (`autoSelectFamily`). The connection
 * is made to what was checked: the name is not resolved a second time, when it might say something else.
 */
export function lookupOnly(addresses: readonly string[]): LookupFunction {
  const all = addresses.map((address) => ({ address, family: isIP(address) }));
  return (_hostname, _options, callback) => callback(null, all);
}
