import ipaddr from 'ipaddr.js';

/** Whether an address may be dialled for a user: global unicast only (security.md §6).
 * ipaddr.js calls ::/96 unicast; it holds IPv4-compatible loopback, so IPv6 must lie in 2000::/3 as well. */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address); // ::ffff:127.0.0.1 is judged as the IPv4 it is
  if (parsed.kind() === 'ipv4') return parsed.range() === 'unicast';
  const inGlobalUnicast = (parsed.toByteArray()[0]! & 0xe0) === 0x20;
  return inGlobalUnicast && parsed.range() === 'unicast';
}

/** The address a URL's host is, when it is a literal: WHATWG URL parsing has already turned 0x7f000001, 127.1 and ① into digits. */
export function literalAddress(hostname: string): string | undefined {
  const bare = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return ipaddr.isValid(bare) ? bare : undefined;
}
