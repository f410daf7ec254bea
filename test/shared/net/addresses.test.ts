import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isPublicAddress } from '../../../shared/net/addresses.ts';

const inside: [what: string, ...addresses: string[]][] = [
  ['this network', '0.0.0.0', '0.255.255.255'],
  ['private', '10.0.0.0', '10.255.255.255', '172.16.0.0', '172.31.255.255', '192.168.0.0', '192.168.255.255'],
  ['shared', '100.64.0.0', '100.127.255.255'],
  ['loopback', '127.0.0.1', '127.255.255.254'],
  ['link-local and metadata', '169.254.0.1', '169.254.169.254'],
  ['platform', '168.63.129.16'],
  ['protocol assignments', '192.0.0.8', '192.0.0.170'],
  ['documentation', '192.0.2.1', '198.51.100.1', '203.0.113.1'],
  ['benchmarking', '198.18.0.0', '198.19.255.255'],
  ['relays and anycast', '192.88.99.1', '192.31.196.1', '192.52.193.1', '192.175.48.1'],
  ['multicast', '224.0.0.1', '239.255.255.255'],
  ['reserved and broadcast', '240.0.0.1', '255.255.255.255'],
  ['unspecified and loopback in IPv6', '::', '::1'],
  [
    'mapped',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::ffff:a9fe:a9fe',
    '::ffff:10.0.0.1',
    '::ffff:168.63.129.16',
  ],
  ['mapped, written out', '0:0:0:0:0:ffff:c0a8:0001', '0000:0000:0000:0000:0000:FFFF:0A00:0001'],
  ['translated and compatible', '::ffff:0:8.8.8.8', '::ffff:0:127.0.0.1', '::8.8.8.8', '::127.0.0.1'],
  ['NAT64 of something inside', '64:ff9b::127.0.0.1', '64:ff9b::a9fe:a9fe', '64:ff9b::a00:1'],
  ['NAT64 of a local prefix', '64:ff9b:1::1', '64:ff9b:1:ffff::808:808'],
  ['6to4 and Teredo', '2002:7f00:1::', '2002:808:808::1', '2001:0:4136:e378:8000:63bf:3fff:fdd2'],
  ['discard, dummy', '100::1', '100:0:0:1::1'],
  [
    'benchmarking, ORCHID, AMT, AS112',
    '2001:2::1',
    '2001:10::1',
    '2001:20::1',
    '2001:3::1',
    '2620:4f:8000::1',
  ],
  ['documentation in IPv6', '2001:db8::1', '3fff::1', '3fff:fff:ffff::1'],
  ['segment routing', '5f00::1'],
  ['unique local', 'fc00::1', 'fd00::1', 'fdff:ffff::1'],
  ['link- and site-local', 'fe80::1', 'febf::1', 'fec0::1'],
  ['with a zone', 'fe80::1%eth0', '2606:4700::1%eth0'],
  ['multicast in IPv6', 'ff02::1', 'ff0e::1'],
  ['not allocated', '4000::1', '1::1', 'e000::1'],
  ['no address', '', 'localhost', '127.1', '0x7f.0.0.1', '2130706433', '1.2.3.4.5', '[::1]', '8.8.8.8 '],
];

const outside: string[][] = [
  ['8.8.8.8', '1.1.1.1', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0', '126.255.255.255'],
  ['128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255', '172.32.0.0', '192.0.1.0', '192.0.3.0'],
  ['192.167.255.255', '192.169.0.0', '198.17.255.255', '198.20.0.0', '223.255.255.255'],
  ['168.63.129.15', '168.63.129.17'],
  ['2606:4700:4700::1111', '2a00:1450:4001::1', '2001:200::1', '2001:4860:4860::8888', '2003::1'],
  ['3ffe::1', '3fff:1000::1', '2620:4f:8001::1'],
  ['::ffff:8.8.8.8', '::ffff:808:808', '64:ff9b::8.8.8.8', '64:ff9b::101:101'],
];

describe('isPublicAddress', () => {
  it.each(inside)('is false for what is %s', (_what, ...addresses) => {
    expect(addresses.filter(isPublicAddress)).toEqual([]);
  });

  it.each(outside)('is true next to it: %s, %s', (...addresses) => {
    expect(addresses.filter((address) => !isPublicAddress(address))).toEqual([]);
  });

  it('says of an IPv4 address the same however it is wrapped', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        const [a = 0, b = 0, c = 0, d = 0] = address.split('.').map(Number);
        const hex = [(a << 8) | b, (c << 8) | d].map((word) => word.toString(16)).join(':');
        const said = isPublicAddress(address);
        for (const wrapped of [
          `::ffff:${address}`,
          `::ffff:${hex}`,
          `64:ff9b::${hex}`,
          `0:0:0:0:0:ffff:${hex}`,
        ])
          expect(isPublicAddress(wrapped)).toBe(said);
      }),
    );
  });

  it('never takes an IPv6 address outside of 2000::/3 that wraps no IPv4 address', () => {
    const word = fc.integer({ min: 0, max: 0xffff });
    fc.assert(
      fc.property(fc.array(word, { minLength: 8, maxLength: 8 }), ([first = 0, ...rest]) => {
        fc.pre(first >> 13 !== 1 && first !== 0 && first !== 0x64);
        expect(isPublicAddress([first, ...rest].map((w) => w.toString(16)).join(':'))).toBe(false);
      }),
    );
  });
});
