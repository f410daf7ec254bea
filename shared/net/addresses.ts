import { BlockList, isIP } from 'node:net';

/**
 * What is not reachable from everywhere, by the IANA IPv4 Special-Purpose Address Registry (RFC 6890, RFC 8190), and
 * multicast (RFC 5771). 192.0.0.0/24 and the AS112 and AMT networks are denied whole, although a few services of the
 * network itself are reachable in them: nobody's endpoint is.
 */
const specialIpv4: readonly [network: string, prefix: number][] = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8], // private
  ['100.64.0.0', 10], // shared by carrier-grade NAT
  ['127.0.0.0', 8], // loopback
  ['169.254.0.0', 16], // link-local, and instance metadata at 169.254.169.254
  ['172.16.0.0', 12], // private
  ['192.0.0.0', 24], // IETF protocol assignments
  ['192.0.2.0', 24], // documentation
  ['192.31.196.0', 24], // AS112
  ['192.52.193.0', 24], // automatic multicast tunnelling
  ['192.88.99.0', 24], // 6to4 relays, deprecated
  ['192.168.0.0', 16], // private
  ['192.175.48.0', 24], // AS112
  ['198.18.0.0', 15], // benchmarking
  ['198.51.100.0', 24], // documentation
  ['203.0.113.0', 24], // documentation
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
  ['168.63.129.16', 32], // Azure's platform: DHCP, DNS, health, the guest agent
];

/** Within the allocated 2000::/3, by the IANA IPv6 Special-Purpose Address Registry; outside of it nothing is public. */
const specialIpv6: readonly [network: string, prefix: number][] = [
  ['2001::', 23], // IETF protocol assignments: Teredo, benchmarking, ORCHID, AMT, AS112
  ['2001:db8::', 32], // documentation
  ['2002::', 16], // 6to4, which leads through a relay to an IPv4 address
  ['2620:4f:8000::', 48], // AS112
  ['3fff::', 20], // documentation
];

/** IPv6 networks whose last 32 bits are the IPv4 address that is meant: mapped (RFC 4291) and NAT64 (RFC 6052). */
const embedding: readonly string[] = ['::ffff:', '64:ff9b::'];

const allocated = new BlockList();
allocated.addSubnet('2000::', 3, 'ipv6');
for (const prefix of embedding) allocated.addSubnet(`${prefix}0.0.0.0`, 96, 'ipv6');

const special = new BlockList();
for (const [network, prefix] of specialIpv6) special.addSubnet(network, prefix, 'ipv6');
for (const [network, prefix] of specialIpv4) {
  special.addSubnet(network, prefix, 'ipv4');
  for (const around of embedding) special.addSubnet(`${around}${network}`, 96 + prefix, 'ipv6');
}

/**
 * True for an IP address in text that belongs to the public internet. False for everything private, local, shared,
 * reserved or the platform's own, for addresses with a zone, and for what is no address.
 */
export function isPublicAddress(address: string): boolean {
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 4) return !special.check(address, 'ipv4');
  return version === 6 && allocated.check(address, 'ipv6') && !special.check(address, 'ipv6');
}
