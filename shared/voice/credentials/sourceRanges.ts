import { BlockList, isIP } from 'node:net';
import { z } from 'zod';

const families = { 4: { name: 'ipv4', bits: 32 }, 6: { name: 'ipv6', bits: 128 } } as const;

interface Range {
  address: string;
  family: 'ipv4' | 'ipv6';
  bits: number;
}

/** `167.150.224.0/23`, `2001:db8::/32`, or one address; undefined where it is none. */
function parseRange(text: string): Range | undefined {
  const [, address = '', length] = /^([0-9a-fA-F.:]{2,45})(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const version = isIP(address);
  if (version !== 4 && version !== 6) return undefined;
  const { name: family, bits: most } = families[version];
  const bits = length === undefined ? most : Number(length);
  return bits >= 1 && bits <= most ? { address, family, bits } : undefined;
}

/** A range of source addresses as a setting holds it. Vapi's own, with `staticIpAddressesEnabled`, is 167.150.224.0/23. */
export const sourceRange = z
  .string()
  .refine(
    (text) => parseRange(text) !== undefined,
    'must be addresses such as 167.150.224.0/23 or 2001:db8::/32',
  );

/**
 * Tells whether an address lies in one of the ranges; an unknown one does not. Without ranges every address passes.
 * @throws nothing: what is no range, `sourceRange` has refused; here it lets nobody in.
 */
export function rangeTest(ranges: readonly string[]): (address: string | undefined) => boolean {
  if (ranges.length === 0) return () => true;
  const list = new BlockList();
  for (const range of ranges.map(parseRange))
    if (range) list.addSubnet(range.address, range.bits, range.family);
  return (address) => {
    const version = address === undefined ? 0 : isIP(address);
    if (address === undefined || (version !== 4 && version !== 6)) return false;
    return list.check(address, families[version].name);
  };
}
