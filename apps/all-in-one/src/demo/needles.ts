/** One value of a person that must be nowhere once the engagement is erased. */
export interface Needle {
  readonly value: string;
  /** What it was in the file, for the report: the value itself is never printed. */
  readonly field: string;
  /** Row of the file, 1 = first below the header. */
  readonly row: number;
}

const MIN_PLAIN = 5;
// Base64 and its kin lose their edges to alignment; what is left of a short word would be found by chance in any large file.
const MIN_ENCODED = 8;

const quotedPrintable = (s: string): string =>
  [...Buffer.from(s, 'utf8')]
    .map((b) =>
      b === 0x3d || b > 0x7e || b < 0x20 ? `=${b.toString(16).toUpperCase().padStart(2, '0')}` : String.fromCharCode(b),
    )
    .join('');

/** What base64 of `bytes` looks like at each of the three alignments, without the characters its neighbours decide. */
function base64Forms(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const skip = offset === 0 ? 0 : offset + 1;
    const whole = Math.floor(((offset + bytes.length) * 8) / 6);
    return text.slice(skip, whole);
  });
}

/** Every form in which a value may lie in a file (protocols.md §10): plain, lower case, URL-encoded, base64 at three offsets,
 * quoted-printable, hex, UTF-16 in both byte orders, NFC and NFD. Forms too short to mean anything are left out. */
export function formsOf(value: string): Buffer[] {
  const forms = new Map<string, Buffer>();
  const add = (b: Buffer, min: number) => b.length >= min && forms.set(b.toString('latin1'), b);
  const spellings = new Set([value, value.toLowerCase()].flatMap((v) => [v, v.normalize('NFC'), v.normalize('NFD')]));
  for (const spelling of spellings) {
    const utf8 = Buffer.from(spelling, 'utf8');
    const utf16 = Buffer.from(spelling, 'utf16le');
    add(utf8, MIN_PLAIN);
    add(utf16, MIN_ENCODED);
    add(Buffer.from(utf16).swap16(), MIN_ENCODED);
    add(Buffer.from(encodeURIComponent(spelling)), MIN_PLAIN);
    add(Buffer.from(encodeURIComponent(spelling).replaceAll('%20', '+')), MIN_PLAIN);
    add(Buffer.from(JSON.stringify(spelling).slice(1, -1)), MIN_PLAIN);
    add(Buffer.from(quotedPrintable(spelling)), MIN_PLAIN);
    add(Buffer.from(utf8.toString('hex')), MIN_ENCODED);
    add(Buffer.from(utf8.toString('hex').toUpperCase()), MIN_ENCODED);
    for (const b64 of base64Forms(utf8)) {
      add(Buffer.from(b64), MIN_ENCODED);
      add(Buffer.from(b64.replaceAll('+', '-').replaceAll('/', '_')), MIN_ENCODED);
    }
  }
  return [...forms.values()];
}
