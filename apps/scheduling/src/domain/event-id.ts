const ALPHABET = '0123456789abcdefghijklmnopqrstuv';

/** Google Calendar's id of a booking's event: base32hex of the booking id, so that a repeated insert finds the first one (409).
 * A cancelled event keeps its id for good: the next generation gets a suffix.
 * @param bookingId uuid
 * @returns 26 characters of a–v and 0–9, with `v<generation>` behind from generation 1 on */
export function calendarEventId(bookingId: string, generation: number): string {
  const hex = bookingId.replaceAll('-', '').toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(hex)) throw new TypeError('Not a booking id');
  let bits = BigInt(`0x${hex}`) << 2n; // 128 bits + 2 to fill 26 characters of 5
  let id = '';
  for (let i = 0; i < 26; i++) {
    id = ALPHABET[Number(bits & 31n)] + id;
    bits >>= 5n;
  }
  return generation === 0 ? id : `${id}v${generation}`;
}
