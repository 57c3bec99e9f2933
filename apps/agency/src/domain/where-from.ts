/** Where a request came from, as coarse as it may be kept: enough to notice a foreign place, not enough to find a household.
 * @param address IPv4, IPv6 or IPv4 in IPv6
 * @returns `203.0.113.0/24` or `2001:db8:1::/48`; null when it is no address */
export function coarseNetwork(address: string): string | null {
  const plain = address.replace(/^::ffff:(?=\d+\.)/i, '').split('%', 1)[0]!;
  const v4 = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.\d{1,3}$/.exec(plain);
  if (v4) return v4.slice(1).every((part) => Number(part) <= 255) ? `${v4.slice(1).join('.')}.0/24` : null;
  if (!/^[0-9a-f:]+(\d+\.\d+\.\d+\.\d+)?$/i.test(plain) || !plain.includes(':')) return null;
  const [head = '', tail] = plain.toLowerCase().split('::');
  const front = head === '' ? [] : head.split(':');
  const back = tail ? tail.split(':') : [];
  const groups =
    tail === undefined ? front : [...front, ...Array(Math.max(0, 8 - front.length - back.length)).fill('0')];
  const kept = groups.slice(0, 3).map((group) => Number.parseInt(group || '0', 16).toString(16));
  return kept.length === 3 ? `${kept.join(':')}::/48` : null;
}

const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/\bEdgA?\//, 'Edge'],
  [/\bOPR\//, 'Opera'],
  [/\b(Firefox|FxiOS)\//, 'Firefox'],
  [/\b(Chrome|CriOS)\//, 'Chrome'],
  [/\bSafari\//, 'Safari'],
  [/^(curl|node|undici|Wget|python-requests)\b/i, 'script'],
];
const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/\b(iPhone|iPad)\b/, 'iOS'],
  [/\bAndroid\b/, 'Android'],
  [/\bWindows\b/, 'Windows'],
  [/\bMac OS X\b/, 'macOS'],
  [/\bCrOS\b/, 'ChromeOS'],
  [/\bLinux\b/, 'Linux'],
];

/** Family of browser and system, without versions: `Firefox on Linux`. What a client calls itself is not kept word for word. */
export function agentFamily(userAgent: string | undefined): string | null {
  if (!userAgent) return null;
  const text = userAgent.slice(0, 500);
  const named = (families: typeof BROWSERS) => families.find(([pattern]) => pattern.test(text))?.[1];
  const browser = named(BROWSERS) ?? 'other';
  const system = named(SYSTEMS);
  return system ? `${browser} on ${system}` : browser;
}
