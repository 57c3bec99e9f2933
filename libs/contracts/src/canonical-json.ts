/** Canonical JSON as bytes (RFC 8785 for the values we use: sorted keys, no white space, integers and strings as ECMAScript prints them),
 * so that what was signed or sealed can be hashed again. undefined fields are left out.
 * @throws TypeError on NaN, Infinity, bigint or a function */
export function canonicalJson(value: unknown): Uint8Array {
  return new TextEncoder().encode(write(value));
}

function write(value: unknown): string {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return JSON.stringify(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError('Canonical JSON holds finite numbers only');
    return JSON.stringify(value);
  }
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`;
  if (typeof value === 'object') {
    const entries = Object.entries(value).filter(([, v]) => v !== undefined);
    // Code-unit order, which is what Array.prototype.sort does by default and what RFC 8785 §3.2.3 asks for.
    entries.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return `{${entries.map(([k, v]) => `${JSON.stringify(k)}:${write(v)}`).join(',')}}`;
  }
  throw new TypeError(`Canonical JSON holds no ${typeof value}`);
}
