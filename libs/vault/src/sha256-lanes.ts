/**
 * The code of HMAC-SHA-256 over four texts at once, as a WebAssembly module that is assembled here: a lane of each 128-bit register belongs to one
 * of them. It does FIPS 180-4 §6.2.2 and nothing else; `HmacBatch` lays out its memory. Without branches or tables that depend on data.
 */

/** Where the memory's fixed parts are; bytes. */
export const LAYOUT = { constants: 0, words: 256, state: 1280, keys: 1536, texts: 8192 } as const;

const [BLOCK_VOID, V128, I32, END] = [0x40, 0x7b, 0x7f, 0x0b];
/** Parameters of `hmac`, then its one local. */
const [TEXT, BLOCKS, KEY, OUT, COUNTER] = [0, 4, 5, 6, 10];

const unsigned = (value: number): number[] =>
  value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...unsigned(value >>> 7)];
const signed = (value: number): number[] =>
  value >= -64 && value < 64 ? [value & 0x7f] : [(value & 0x7f) | 0x80, ...signed(value >> 7)];
const section = (id: number, bytes: number[]): number[] => [id, ...unsigned(bytes.length), ...bytes];
const body = (code: number[], locals: [count: number, type: number][]): number[] => {
  const bytes = [locals.length, ...locals.flatMap(([count, type]) => [...unsigned(count), type]), ...code, END];
  return [...unsigned(bytes.length), ...bytes];
};

const get = (local: number): number[] => [0x20, ...unsigned(local)];
const set = (local: number): number[] => [0x21, ...unsigned(local)];
const int = (value: number): number[] => [0x41, ...signed(value)];
const vector = (opcode: number, ...operands: number[]): number[] => [0xfd, ...unsigned(opcode), ...operands];
/** Of an address on the stack, and bytes behind it. Alignment 0: texts begin anywhere. */
const load = (offset: number): number[] => vector(0x00, 0, ...unsigned(offset));
const loadSplat = (offset: number): number[] => vector(0x09, 0, ...unsigned(offset));
const store = (offset: number): number[] => vector(0x0b, 0, ...unsigned(offset));
const shuffle = (lanes: readonly number[]): number[] => vector(0x0d, ...lanes);
const splat = vector(0x11);
const [or, xor, select] = [vector(0x50), vector(0x51), vector(0x52)];
const [shl, shr, add] = [vector(0xab), vector(0xad), vector(0xae)];

const rotated = (local: number, by: number): number[] => [
  ...[...get(local), ...int(by), ...shr],
  ...[...get(local), ...int(32 - by), ...shl, ...or],
];
const sigma = (local: number, a: number, b: number, c: number): number[] => [
  ...rotated(local, a),
  ...rotated(local, b),
  ...xor,
  ...rotated(local, c),
  ...xor,
];
const smallSigma = (local: number, a: number, b: number, shift: number): number[] => [
  ...rotated(local, a),
  ...rotated(local, b),
  ...xor,
  ...[...get(local), ...int(shift), ...shr, ...xor],
];

const wordAt = (t: number): number => LAYOUT.words + 16 * t;
const stateAt = (i: number): number => LAYOUT.state + 16 * i;

/** The block in `words`, into `state`: both four lanes wide. */
function compress(): number[] {
  const [x, y] = [8, 9];
  const code: number[] = [];
  for (let t = 16; t < 64; t++) {
    code.push(...int(0), ...load(wordAt(t - 15)), ...set(x), ...int(0), ...load(wordAt(t - 2)), ...set(y), ...int(0));
    code.push(...smallSigma(x, 7, 18, 3), ...smallSigma(y, 17, 19, 10), ...add);
    code.push(
      ...int(0),
      ...load(wordAt(t - 16)),
      ...add,
      ...int(0),
      ...load(wordAt(t - 7)),
      ...add,
      ...store(wordAt(t)),
    );
  }
  for (let i = 0; i < 8; i++) code.push(...int(0), ...load(stateAt(i)), ...set(i));
  for (let t = 0; t < 64; t++) {
    // The letters move by one each round: here their names do.
    const [a, b, c, d, e, f, g, h] = Array.from({ length: 8 }, (_, i) => (i + 64 - t) % 8) as Eight;
    code.push(...get(h), ...sigma(e, 6, 11, 25), ...add, ...get(f), ...get(g), ...get(e), ...select, ...add);
    code.push(
      ...int(0),
      ...loadSplat(LAYOUT.constants + 4 * t),
      ...add,
      ...int(0),
      ...load(wordAt(t)),
      ...add,
      ...set(x),
    );
    code.push(...get(d), ...get(x), ...add, ...set(d));
    code.push(...get(x), ...sigma(a, 2, 13, 22), ...add);
    code.push(...get(a), ...get(c), ...get(b), ...get(c), ...xor, ...select, ...add, ...set(h));
  }
  for (let i = 0; i < 8; i++)
    code.push(...int(0), ...get(i), ...int(0), ...load(stateAt(i)), ...add, ...store(stateAt(i)));
  return code;
}
type Eight = [number, number, number, number, number, number, number, number];

const WORDS_OF = {
  low: [0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23],
  high: [8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31],
  firstHalves: [0, 1, 2, 3, 4, 5, 6, 7, 16, 17, 18, 19, 20, 21, 22, 23],
  secondHalves: [8, 9, 10, 11, 12, 13, 14, 15, 24, 25, 26, 27, 28, 29, 30, 31],
} as const;
const SWAPPED = [3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12];

/** Four vectors in locals from `at` on, with rows made columns, each put on the stack by `read` and taken by `write`; words in the other byte order. */
function transposed(
  at: number,
  read: (row: number) => number[],
  write: (column: number, value: number[]) => number[],
): number[] {
  const pair = (a: number[], b: number[], lanes: readonly number[]): number[] => [...a, ...b, ...shuffle(lanes)];
  const swapped = (value: number[]): number[] => [...value, ...int(0), ...splat, ...shuffle(SWAPPED)];
  const code: number[] = [];
  for (let row = 0; row < 4; row++) code.push(...swapped(read(row)), ...set(at + row));
  const rows = [0, 1, 2, 3].map((row) => get(at + row)) as [number[], number[], number[], number[]];
  const columns = [WORDS_OF.low, WORDS_OF.high].flatMap((half) => {
    const [front, back] = [pair(rows[0], rows[1], half), pair(rows[2], rows[3], half)];
    return [pair(front, back, WORDS_OF.firstHalves), pair(front, back, WORDS_OF.secondHalves)];
  });
  for (const [column, value] of columns.entries()) code.push(...write(column, value));
  return code;
}

/** The key's inner or outer state in every lane. */
const begin = (offset: number): number[] =>
  Array.from({ length: 8 }, (_, i) => [
    ...int(0),
    ...get(KEY),
    ...loadSplat(offset + 4 * i),
    ...store(stateAt(i)),
  ]).flat();

/** Texts of `blocks` blocks each at the first four parameters, under the key whose two states are at `key`; 32 bytes each to the last four. */
function hmac(): number[] {
  const rows = COUNTER + 1;
  const block = [0, 1, 2, 3].flatMap((quarter) =>
    transposed(
      rows,
      (lane) => [...get(TEXT + lane), ...load(16 * quarter)],
      (column, value) => [...int(0), ...value, ...store(wordAt(4 * quarter + column))],
    ),
  );
  const next = [0, 1, 2, 3].flatMap((lane) => [...get(TEXT + lane), ...int(64), 0x6a, ...set(TEXT + lane)]);
  const again = [...get(COUNTER), ...int(1), 0x6b, 0x22, COUNTER, 0x0d, 0];
  const constant = (t: number, word: number): number[] => [...int(0), ...int(word), ...splat, ...store(wordAt(t))];
  return [
    ...[...get(BLOCKS), ...set(COUNTER), ...begin(0)],
    ...[0x03, BLOCK_VOID, ...block, 0x10, 0, ...next, ...again, END],
    ...Array.from({ length: 8 }, (_, i) => [...int(0), ...int(0), ...load(stateAt(i)), ...store(wordAt(i))]).flat(),
    // What is behind the inner hash of 32 bytes: the mark, zeros, and the length with the key's block, in bits.
    ...[
      ...constant(8, 0x80000000 | 0),
      ...[9, 10, 11, 12, 13, 14].flatMap((t) => constant(t, 0)),
      ...constant(15, 768),
    ],
    ...[...begin(32), 0x10, 0],
    ...[0, 1].flatMap((half) =>
      transposed(
        rows,
        (row) => [...int(0), ...load(stateAt(4 * half + row))],
        (lane, value) => [...get(OUT + lane), ...value, ...store(16 * half)],
      ),
    ),
  ];
}

/** Exports `hmac(text0…3, blocks, key, out0…3)`, all of them addresses but `blocks`; imports `m.m`, its memory. */
export function assemble(): Uint8Array<ArrayBuffer> {
  const name = (text: string): number[] => [text.length, ...Buffer.from(text)];
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, [2, 0x60, 0, 0, 0x60, 10, ...Array<number>(10).fill(I32), 0]),
    ...section(2, [1, ...name('m'), ...name('m'), 2, 0, 1]),
    ...section(3, [2, 0, 1]),
    ...section(7, [1, ...name('hmac'), 0, 1]),
    ...section(10, [
      2,
      ...body(compress(), [[10, V128]]),
      ...body(hmac(), [
        [1, I32],
        [4, V128],
      ]),
    ]),
  ]);
}
