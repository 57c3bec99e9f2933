import { useEffect, useRef } from 'react';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { AGENCY_ZONE, TimeText } from '../ui/time-text.js';
import { useNow } from '../app/clock.js';
import { useLanguage, useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import { inZone, say } from '../words/times.js';
import css from './slot-grid.module.css';
import type { Desk } from './desk.js';
import { nearest, type Slot } from './slots.js';
import type { Booking } from './use-booking.js';
import { firstNameOf, type View } from './view.js';

/** Times as one group of radios, in columns of days; a day without times says why, as text. */
export function SlotGrid({
  booking,
  view,
  desk,
  home,
}: {
  readonly booking: Booking;
  readonly view: View | undefined;
  readonly desk: Desk;
  readonly home: () => void;
}) {
  const t = useWords(calling).booking;
  const language = useLanguage();
  const now = useNow();
  const group = useRef<HTMLDivElement>(null);
  const { shown, only, type } = booking;
  const zone = view?.lead.timeZone ?? AGENCY_ZONE;
  const flat = shown.flatMap((d) => d.slots);
  const chosen = view?.chosen?.startsAt;
  const near =
    view?.lost === undefined
      ? undefined
      : nearest(
          flat.filter((s) => s.startsAt !== view.lost),
          view.lost,
        );
  const lost = view?.lost;
  useEffect(() => {
    if (lost !== undefined && near)
      group.current?.querySelector<HTMLElement>(`[data-start="${near.startsAt}"]`)?.focus();
  }, [lost, near?.startsAt]);
  const at = (start: string, there = AGENCY_ZONE) => Temporal.Instant.from(start).toZonedDateTimeISO(there);
  const time = (start: string, there?: string) => say(at(start, there), 'time', language, now);
  const differs = (start: string) => at(start).offset !== at(start, zone).offset;
  const choose = (slot: Slot) => {
    home();
    const { hostId, startsAt, endsAt } = slot;
    if (view && type) void desk.choose({ meetingTypeId: type.id, hostId, startsAt, endsAt });
  };
  const current = flat.find((s) => s.startsAt === chosen) ?? near ?? flat[0];
  const move = (from: Slot, by: number) => {
    const to = flat[(flat.findIndex((s) => s.startsAt === from.startsAt) + by + flat.length) % flat.length];
    group.current?.querySelector<HTMLElement>(`[data-start="${to!.startsAt}"]`)?.focus();
  };
  const first = flat[0];
  const days = booking.days;
  return (
    <div>
      <div className={css.tools}>
        <span>{view && first && differs(first.startsAt) ? t.bigSmall(firstNameOf(view.lead.name)) : t.swedish}</span>
        <label>
          <KeyHint k="d" /> {t.aDay}
          <select
            id="a-day"
            aria-label={t.dayField}
            value={only ?? ''}
            aria-keyshortcuts={ariaKeys('d')}
            onChange={(e) => booking.setOnly(e.currentTarget.value || undefined)}
            onKeyDown={(e) => {
              if (e.key === 'Enter') {
                e.preventDefault();
                home();
              }
            }}
          >
            <option value="">{t.allDays}</option>
            {days.map((d) => (
              <option key={d.day} value={d.day}>
                {say(
                  Temporal.PlainDate.from(d.day).toZonedDateTime({ timeZone: AGENCY_ZONE, plainTime: '12:00' }),
                  'day',
                  language,
                  now,
                )}
              </option>
            ))}
          </select>
        </label>
        <button type="button" onClick={booking.moreDays} aria-keyshortcuts={ariaKeys('j')}>
          <KeyHint k="j" /> {t.moreDays}
        </button>
      </div>
      {lost !== undefined && (
        <p className={css.lost} role="alert">
          {t.taken(time(lost))} {near ? t.nearest(time(near.startsAt)) : t.noneLeft}
        </p>
      )}
      {!days.length && <p className={css.none}>{t.none}</p>}
      <div
        ref={group}
        role="radiogroup"
        aria-label={t.slots}
        className={css.grid}
        data-only={only !== undefined || undefined}
      >
        {shown.map((day) => (
          <div key={day.day} className={css.day}>
            <DayHead day={day.day} />
            {day.reason !== undefined && day.slots.length === 0 && (
              <p className={css.reason}>{t.reasons[day.reason as 'busy']}</p>
            )}
            {day.slots.map((slot) => {
              const on = slot.startsAt === chosen;
              const there = differs(slot.startsAt) ? `${time(slot.startsAt, zone)} ${inZone(zone, language)}` : '';
              const long = say(at(slot.startsAt), 'long', language, now);
              const label = t.slotLabel(long, there, booking.hostName(slot.hostId) ?? '');
              return (
                <button
                  key={slot.startsAt}
                  type="button"
                  role="radio"
                  data-start={slot.startsAt}
                  aria-checked={on}
                  tabIndex={slot === current ? 0 : -1}
                  disabled={!view}
                  aria-label={label}
                  aria-keyshortcuts={slot.digit === undefined ? undefined : ariaKeys(String(slot.digit))}
                  className={css.slot}
                  onClick={() => choose(slot)}
                  onKeyDown={(e) => {
                    const by = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[e.key];
                    if (by !== undefined) {
                      e.preventDefault();
                      move(slot, by);
                    }
                  }}
                >
                  <span className={css.digit} aria-hidden>
                    {slot.digit}
                  </span>
                  <span>
                    <b>
                      <TimeText at={slot.startsAt} shape="time" />
                    </b>
                    {there !== '' && <span>{time(slot.startsAt, zone)}</span>}
                  </span>
                </button>
              );
            })}
          </div>
        ))}
      </div>
    </div>
  );
}

function DayHead({ day }: { readonly day: string }) {
  const language = useLanguage();
  const now = useNow(60_000);
  const noon = Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: AGENCY_ZONE, plainTime: '12:00' });
  const [weekday, ...date] = say(noon, 'day', language, now).split(' ');
  return (
    <p className={css.head}>
      {weekday}
      <b>{date.join(' ')}</b>
    </p>
  );
}
