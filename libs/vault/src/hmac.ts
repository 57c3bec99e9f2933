import type { KeyObject } from 'node:crypto';

/**
 * HMAC-SHA-256 of short texts under few keys. `createHmac` costs 6 µs a text, nearly all of it for making and ending objects; taking in a lead
 * needs up to 17 of them. Here the two blocks of the key are hashed once for each key, and a text costs its own two or three blocks (2 µs).
 * SHA-256 is FIPS 180-4 and has no branch or table that depends on data; a test compares it with Node's for every length.
 * What is remembered of a key goes with its KeyObject.
 * @returns 32 bytes
 */
export function hmacSha256(key: KeyObject, text: string): Buffer {
  let state = states.get(key);
  if (!state) states.set(key, (state = begin(key)));
  return digest(state, text);
}

/** The state after the key's block, inside and outside. */
interface Begun {
  inner: Int32Array;
  outer: Int32Array;
}

const states = new WeakMap<KeyObject, Begun>();
const BLOCK = 64;
const INITIAL = Int32Array.of(
  0x6a09e667,
  0xbb67ae85,
  0x3c6ef372,
  0xa54ff53a,
  0x510e527f,
  0x9b05688c,
  0x1f83d9ab,
  0x5be0cd19,
);
const K = new Int32Array(primes(64).map((p) => (Math.cbrt(p) % 1) * 2 ** 32));
const words = new Int32Array(BLOCK);
const state = new Int32Array(8);
const tail = Buffer.alloc(BLOCK);
let room = Buffer.alloc(1024);

function primes(count: number): number[] {
  const found: number[] = [];
  for (let n = 2; found.length < count; n++) if (found.every((p) => n % p)) found.push(n);
  return found;
}

function begin(key: KeyObject): Begun {
  const bytes = key.export();
  if (bytes.length > BLOCK) throw new RangeError('Keys are at most 64 bytes here');
  const pad = (value: number): Int32Array => {
    const block = Buffer.alloc(BLOCK, value);
    for (let i = 0; i < bytes.length; i++) block[i]! ^= bytes[i]!;
    const begun = INITIAL.slice();
    compress(begun, block, 0);
    block.fill(0);
    return begun;
  };
  const begun = { inner: pad(0x36), outer: pad(0x5c) };
  bytes.fill(0);
  return begun;
}

function digest({ inner, outer }: Begun, text: string): Buffer {
  // At most three bytes for each unit of the text, then the mark, zeros, and the length in bits.
  if (room.length < text.length * 3 + 2 * BLOCK) room = Buffer.alloc(text.length * 3 + 2 * BLOCK);
  let length = room.write(text, 0);
  const bits = (BLOCK + length) * 8;
  room[length++] = 0x80;
  const end = Math.ceil((length + 8) / BLOCK) * BLOCK;
  while (length < end) room[length++] = 0;
  room.writeUInt32BE(bits, end - 4);
  state.set(inner);
  for (let at = 0; at < end; at += BLOCK) compress(state, room, at);
  write(state, tail);
  tail[32] = 0x80;
  tail.writeUInt32BE((BLOCK + 32) * 8, 60);
  state.set(outer);
  compress(state, tail, 0);
  const out = Buffer.allocUnsafe(32);
  write(state, out);
  return out;
}

/** Big-endian words, without the checks of `writeInt32BE`. */
function write(s: Int32Array, to: Buffer): void {
  for (let i = 0, at = 0; i < 8; i++) {
    const word = s[i]!;
    to[at++] = word >>> 24;
    to[at++] = word >>> 16;
    to[at++] = word >>> 8;
    to[at++] = word;
  }
}

/** One block, FIPS 180-4 §6.2.2. */
function compress(s: Int32Array, bytes: Buffer, from: number): void {
  const w = words;
  for (let i = 0, at = from; i < 16; i++, at += 4)
    w[i] = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
  for (let i = 16; i < 64; i++) {
    const x = w[i - 15]!;
    const y = w[i - 2]!;
    const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[i] = (w[i - 16]! + s0 + w[i - 7]! + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = [s[0]!, s[1]!, s[2]!, s[3]!, s[4]!, s[5]!, s[6]!, s[7]!];
  for (let i = 0; i < 64; i++) {
    const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + w[i]!) | 0;
    const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  s[0]! += a;
  s[1]! += b;
  s[2]! += c;
  s[3]! += d;
  s[4]! += e;
  s[5]! += f;
  s[6]! += g;
  s[7]! += h;
}
