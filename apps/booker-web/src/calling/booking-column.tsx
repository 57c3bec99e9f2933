import { Button } from '@mantine/core';
import { IconCheck, IconHourglass, IconLink, IconPlugConnectedX } from '@tabler/icons-react';
import { useNow } from '../app/clock.js';
import { ariaKeys } from '../keys/keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { KeyValue } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { OtherZone, TimeText } from '../ui/time-text.js';
import { CRM_NAMES } from '../words/crm-names.js';
import { useLanguage, useWords } from '../words/language.js';
import { LEAD_FIELDS } from '../words/lead-fields.js';
import { calling } from '../words/calling.js';
import { sayDuration } from '../words/times.js';
import css from './booking-column.module.css';
import type { Desk } from './desk.js';
import { SlotGrid } from './slot-grid.js';
import { soon } from './queue-column.js';
import type { Booking } from './use-booking.js';
import { firstNameOf, type View } from './view.js';

/** The meeting: whose turn, which times, what will be sent, and the one filled button. */
export function BookingColumn({
  booking,
  view,
  desk,
  home,
  keepForADay,
  sendLink,
}: {
  readonly booking: Booking;
  readonly view: View | undefined;
  readonly desk: Desk;
  readonly home: () => void;
  readonly keepForADay: () => void;
  readonly sendLink: () => void;
}) {
  const t = useWords(calling);
  const b = t.booking;
  const { type, types, slots } = booking;
  const chosen = view?.chosen;
  return (
    <aside className={css.column} aria-label={b.region}>
      <header className={css.head}>
        <div>
          <h2>{b.title}</h2>
          {type && (
            <p>
              {b.kind(type.name, type.lengthMinutes)}
              {type.location !== null && type.location !== type.name ? `, ${type.location}` : ''}
            </p>
          )}
        </div>
        {booking.changeType && (
          <Button onClick={booking.changeType} aria-keyshortcuts={ariaKeys('b')}>
            {b.changeType} <KeyHint k="b" />
          </Button>
        )}
      </header>
      {types.data && !type && <Empty>{b.noType}</Empty>}
      {(types.isPending || (type && slots.isPending)) && <Loading what={b.loading} rows={6} height={44} />}
      {(types.isError || slots.isError) && (
        <Failed
          what={b.away}
          error={types.error ?? slots.error}
          retry={() => void (types.isError ? types.refetch() : slots.refetch())}
        />
      )}
      {slots.data && type && (
        <>
          <Hosts booking={booking} />
          <SlotGrid booking={booking} view={view} desk={desk} home={home} />
          <Kept view={view} />
          <Rules booking={booking} />
        </>
      )}
      <div className={css.foot}>
        {view && chosen && (
          <KeyValue
            inline
            pairs={[
              [
                b.when,
                <span key="when">
                  <b>
                    <TimeText at={chosen.startsAt} to={chosen.endsAt} />
                  </b>
                  <br />
                  <OtherZone at={chosen.startsAt} to={chosen.endsAt} zone={view.lead.timeZone} />
                </span>,
              ],
              [b.who, <b key="who">{booking.hostName(chosen.hostId)}</b>],
              [
                b.invite,
                view.lead.email === undefined ? (
                  b.noEmail
                ) : (
                  <span key="invite">
                    <b>{b.inviteTo(firstNameOf(view.lead.name), view.lead.mailLanguage)}</b> {b.inviteLeaves}
                  </span>
                ),
              ],
              ...(booking.outgoing?.length
                ? [[b.toClient, <Outgoing key="client" items={booking.outgoing} />] as const]
                : []),
            ]}
          />
        )}
        <Button
          variant="filled"
          size="md"
          fullWidth
          disabled={!chosen}
          onClick={() => desk.book()}
          aria-keyshortcuts="Enter"
          {...(chosen ? {} : { 'aria-describedby': 'choose-first' })}
        >
          {b.book} <KeyHint k="Enter" />
        </Button>
        {!chosen && view && (
          <p id="choose-first" className={css.hint}>
            {b.chooseFirst}
          </p>
        )}
        {view && (
          <div className={css.also}>
            <Button
              leftSection={<IconLink size={16} aria-hidden />}
              disabled={view.lead.email === undefined || !type}
              onClick={sendLink}
              aria-keyshortcuts={ariaKeys('l')}
            >
              {b.link} <KeyHint k="l" />
            </Button>
            <Button
              leftSection={<IconHourglass size={16} aria-hidden />}
              disabled={!chosen || chosen.kept?.day === true}
              onClick={keepForADay}
              aria-keyshortcuts={ariaKeys('h')}
            >
              {b.hold} <KeyHint k="h" />
            </Button>
          </div>
        )}
      </div>
    </aside>
  );
}

/** Whose turn it is, when their calendar was read, and who cannot be read: no times of theirs are shown. */
function Hosts({ booking }: { readonly booking: Booking }) {
  const t = useWords(calling);
  const language = useLanguage();
  const now = useNow();
  const { type, slots } = booking;
  const unreadable = slots.data!.unreadable;
  const readable = type!.hostIds.filter((id) => !unreadable.includes(id));
  const [turn] = readable;
  const readAt = slots.data!.calendars.find((c) => c.hostId === turn)?.readAt;
  return (
    <ul className={css.hosts}>
      {turn !== undefined && (
        <li data-turn>
          <Initials name={booking.hostName(turn) ?? ''} />
          <span>
            <b>{booking.hostName(turn)}</b> {t.booking.turn}
          </span>
          {readAt !== undefined && (
            <span className={css.read}>
              <IconCheck size={15} aria-hidden /> {t.booking.readAt(soon(readAt, now, language))}
            </span>
          )}
        </li>
      )}
      {unreadable.map((id) => (
        <li key={id} data-away>
          <Initials name={booking.hostName(id) ?? ''} />
          <b>{booking.hostName(id)}</b>
          <span className={css.away}>
            <IconPlugConnectedX size={15} aria-hidden /> {t.booking.unreadable}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Initials({ name }: { readonly name: string }) {
  const initials = name.split(/\s+/).map((w) => w.charAt(0)).join('').slice(0, 2); // prettier-ignore
  return (
    <span className={css.initials} aria-hidden>
      {initials}
    </span>
  );
}

/** How long the chosen time is ours, or that somebody was faster. The countdown is a real deadline: then others may book it. */
function Kept({ view }: { readonly view: View | undefined }) {
  const t = useWords(calling);
  const language = useLanguage();
  const now = useNow(1000);
  const kept = view?.chosen?.kept;
  if (!view?.chosen) return null;
  const left = kept && (Temporal.Instant.from(kept.until).epochMilliseconds - now.epochMilliseconds) / 1000;
  return (
    <p className={css.kept}>
      <IconHourglass size={15} aria-hidden />
      {!kept || left === undefined || left <= 0 ? (
        t.booking.reserving
      ) : kept.day ? (
        t.booking.heldUntil(soon(kept.until, now, language))
      ) : (
        <span>
          <TimeText at={view.chosen.startsAt} shape="time" /> {t.booking.reserved} <b>{sayDuration(left, language)}</b>.{' '}
          {t.booking.reservedTail}
        </span>
      )}
    </p>
  );
}

function Rules({ booking }: { readonly booking: Booking }) {
  const t = useWords(calling).booking;
  const type = booking.type!;
  const buffer = type.bufferBeforeMinutes + type.bufferAfterMinutes;
  const hours = type.noticeMinutes % 60 ? `${type.noticeMinutes} min` : t.hours(type.noticeMinutes / 60);
  const rules = [
    ...(type.noticeMinutes ? [t.notice(hours)] : []),
    ...(buffer ? [t.buffer(buffer)] : []),
    ...(type.maxPerDay === null ? [] : [t.perDay(type.maxPerDay)]),
    t.horizon(type.horizonDays),
  ];
  return (
    <div className={css.rules}>
      <span>{t.rules}</span>
      <p>{rules.join(', ')}</p>
    </div>
  );
}

/** What goes to the client's CRM, by name: nothing else may (D2). */
function Outgoing({ items }: { readonly items: NonNullable<Booking['outgoing']> }) {
  const b = useWords(calling).booking;
  const language = useLanguage();
  return items.map(({ kind, broken, fields }) => (
    <details key={kind} className={css.outgoing}>
      <summary>
        <b>{b.outgoing(CRM_NAMES[kind], fields.length)}</b> {broken ? b.outgoingLater : <u>{b.showWhich}</u>}
      </summary>
      {fields.map((field) => LEAD_FIELDS[language][field].toLocaleLowerCase(language)).join(', ')}
    </details>
  ));
}
