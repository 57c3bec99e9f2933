/** Puts values into a script's text: `Passar {slot}?` becomes pieces, of which the live ones are shown as such. */
export function fillIn(
  text: string,
  values: Readonly<Record<string, string>>,
): { readonly text: string; readonly live: boolean }[] {
  return text
    .split(/(\{\w+\})/)
    .filter(Boolean)
    .map((piece) => {
      const value = values[piece.slice(1, -1)];
      return piece.startsWith('{') && value !== undefined ? { text: value, live: true } : { text: piece, live: false };
    });
}

/** A chosen time as it is said to the person, on their clock: `torsdag klockan 11`, `torsdag den 18 klockan 09:30`. Scripts are Swedish. */
export function spokenSlot(startsAt: string, zone: string, now: Temporal.Instant): string {
  const there = Temporal.Instant.from(startsAt).toZonedDateTimeISO(zone);
  const weekday = new Intl.DateTimeFormat('sv-SE', { weekday: 'long', timeZone: zone }).format(there.epochMilliseconds);
  const days = there.toPlainDate().since(now.toZonedDateTimeISO(zone).toPlainDate()).days;
  const date = days > 6 ? ` den ${there.day}` : '';
  const time = there.minute ? `${there.hour}:${String(there.minute).padStart(2, '0')}` : String(there.hour);
  return `${weekday}${date} klockan ${time}`;
}
