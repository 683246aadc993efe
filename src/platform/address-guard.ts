/**
 * Keeps requests to addresses that others chose out of this host and its networks. It judges the address that is
 * really connected to, behind the name, so a name that points inside is refused as well.
 */
import { BlockList, isIP } from 'node:net';
import type { NameLookup } from './name-lookup.ts';

/** Loopback, private, link-local, shared, test, multicast and reserved ranges (RFC 6890, RFC 4193, RFC 4291). */
const INSIDE: readonly (readonly [string, number, 'ipv4' | 'ipv6'])[] = [
  ['0.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['100.64.0.0', 10, 'ipv4'],
  ['127.0.0.0', 8, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.0.0.0', 24, 'ipv4'],
  ['192.0.2.0', 24, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['198.18.0.0', 15, 'ipv4'],
  ['198.51.100.0', 24, 'ipv4'],
  ['203.0.113.0', 24, 'ipv4'],
  ['224.0.0.0', 4, 'ipv4'],
  ['240.0.0.0', 4, 'ipv4'],
  ['::', 127, 'ipv6'],
  ['64:ff9b::', 96, 'ipv6'],
  ['64:ff9b:1::', 48, 'ipv6'],
  ['100::', 64, 'ipv6'],
  ['2001:db8::', 32, 'ipv6'],
  ['2002::', 16, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
  ['ff00::', 8, 'ipv6'],
];

/** True for an address that is not on the public internet, or that is none at all. */
export function isPrivateAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return true;
  return blocked().check(address, family === 4 ? 'ipv4' : 'ipv6');
}

/** Host names as the names of a URL give them: an IPv6 address stands in brackets there. */
export function isPrivateHost(hostname: string): boolean {
  const bare = hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) return isPrivateAddress(bare);
  return /^(?:localhost|.*\.localhost|.*\.local|.*\.internal)\.?$/i.test(bare);
}

/** The same look-up, which fails for a name with an address inside. */
export function publicNames(names: NameLookup): NameLookup {
  return {
    async find(host) {
      const found = await names.find(host);
      if (!found.some(({ address }) => isPrivateAddress(address))) return found;
      throw Object.assign(new Error(`${host} is an address of this host or of a private network`), {
        code: 'EPRIVATE',
      });
    },
  };
}

let list: BlockList | undefined;

function blocked(): BlockList {
  if (list === undefined) {
    list = new BlockList();
    for (const [net, prefix, family] of INSIDE) list.addSubnet(net, prefix, family);
  }
  return list;
}
