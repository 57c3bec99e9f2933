const SUFFIX = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ012345';

/** The 18-character id: 15 characters that differ in case, and three that make them differ without it. */
export function fullId(fifteen: string): string {
  const check = [0, 5, 10].map((from) => {
    const bits = [...fifteen.slice(from, from + 5)].reduce((n, c, i) => n | (/[A-Z]/.test(c) ? 1 << i : 0), 0);
    return SUFFIX[bits];
  });
  return fifteen + check.join('');
}

export const idOf = (prefix: string, number: number): string =>
  fullId(`${prefix}5e0000${number.toString(36).toUpperCase().padStart(6, '0')}`);

/** Takes an id of 15 or 18 characters; undefined when it is neither or its suffix is wrong. */
export function readId(text: unknown): string | undefined {
  if (typeof text !== 'string' || !/^[A-Za-z0-9]{15}([A-Z0-5]{3})?$/.test(text)) return undefined;
  const full = fullId(text.slice(0, 15));
  return text.length === 15 || text === full ? full : undefined;
}

/** Stable number of a name, for ids of orgs and users. */
export const numberOf = (name: string): number =>
  [...name].reduce((n, c) => (n * 31 + c.charCodeAt(0)) % 2_000_000_000, 7);
