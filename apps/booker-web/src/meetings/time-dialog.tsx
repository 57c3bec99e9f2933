import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { businessNow } from '../app/clock.js';
import type { Meeting } from '../app/meetings.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { Failed, Loading } from '../ui/states.js';
import { AGENCY_ZONE, DateText, OtherZone, TimeText } from '../ui/time-text.js';
import { useLanguage, useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { sayDate } from '../words/times.js';
import { ui } from '../words/ui.js';
import css from './meetings.module.css';
import { slotsQuery } from './meetings.js';
import { useRefusal } from './use-meeting-acts.js';

const DAYS_AHEAD = 21;

export interface Chosen {
  readonly hostId: string;
  readonly startsAt: string;
}

interface Props {
  readonly meeting: Meeting;
  /** A move stays with the meeting's host; a new booking may be with anybody of the type. */
  readonly how: 'move' | 'rebook';
  readonly hostName: (id: string) => string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
  readonly onChoose: (slot: Chosen) => void;
}

/** Free times by day, as the rules of booking give them; a refusal is said above the times and the choice stays. */
export function TimeDialog(props: Props) {
  const t = useWords(meetings);
  const title = props.how === 'move' ? t.moveTitle : t.rebookTitle;
  return (
    <Dialog opened onClose={props.onClose} title={title} size={560}>
      <Times {...props} />
    </Dialog>
  );
}

function Times({ meeting, how, hostName, busy, error, onClose, onChoose }: Props) {
  const t = useWords(meetings);
  const common = useWords(ui);
  const language = useLanguage();
  const why = useRefusal();
  const [from] = useState(businessNow);
  const slots = useQuery(slotsQuery(meeting.meetingTypeId, from, from.add({ hours: 24 * DAYS_AHEAD })));
  const days = useMemo(() => {
    const byDay = new Map<string, Chosen[]>();
    for (const slot of slots.data?.slots ?? []) {
      if (how === 'move' && slot.hostId !== meeting.hostId) continue;
      const day = slot.local.slice(0, 10);
      const there = byDay.get(day) ?? [];
      if (!there.some((s) => s.startsAt === slot.startsAt)) byDay.set(day, [...there, slot]);
    }
    return byDay;
  }, [slots.data, how, meeting.hostId]);
  const [day, setDay] = useState<string>();
  const [chosen, setChosen] = useState<Chosen>();
  const [lacks, setLacks] = useState(false);
  const shown = day ?? [...days.keys()][0];
  const today = from.toZonedDateTimeISO(AGENCY_ZONE).toPlainDate();
  const told = slots.data?.days.filter((d) => ['busy', 'day-full', 'calendar-unreadable'].includes(d.reason)) ?? [];
  const readAt = slots.data?.calendars.find((c) => how === 'rebook' || c.hostId === meeting.hostId)?.readAt;
  return (
    <form
      className={css.dialog}
      onSubmit={(e) => {
        e.preventDefault();
        if (chosen) onChoose(chosen);
        else setLacks(true);
      }}
    >
      <p>
        {t.now}: <TimeText at={meeting.startsAt} to={meeting.endsAt} named />{' '}
        <OtherZone at={meeting.startsAt} zone={meeting.timeZone} /> · {hostName(meeting.hostId)}
      </p>
      {error !== null && (
        <p role="alert" className={css.refused}>
          {why(error)}
        </p>
      )}
      {slots.isPending && <Loading what={t.times} rows={4} />}
      {slots.isError && <Failed what={t.slotsAway} error={slots.error} retry={() => void slots.refetch()} />}
      {slots.data && days.size === 0 && <p>{t.noSlots}</p>}
      {shown !== undefined && (
        <>
          <Select
            label={t.day}
            allowDeselect={false}
            data={[...days.keys()].map((value) => ({
              value,
              label: sayDate(Temporal.PlainDate.from(value), language, today),
            }))}
            value={shown}
            onChange={(value) => {
              setDay(value ?? undefined);
              setChosen(undefined);
            }}
          />
          <fieldset className={css.slots}>
            <legend>{t.slots}</legend>
            {(days.get(shown) ?? []).map((slot, i) => (
              <label key={slot.startsAt} className={css.slot}>
                <input
                  type="radio"
                  name="slot"
                  data-autofocus={i === 0 ? true : undefined}
                  checked={chosen?.startsAt === slot.startsAt}
                  onChange={() => {
                    setChosen(slot);
                    setLacks(false);
                  }}
                />
                <span>
                  <b>
                    <TimeText at={slot.startsAt} shape="time" />
                  </b>
                  <OtherZone at={slot.startsAt} zone={meeting.timeZone} />
                  {how === 'rebook' && <small>{hostName(slot.hostId)}</small>}
                </span>
              </label>
            ))}
          </fieldset>
        </>
      )}
      {told.length > 0 && (
        <details className={css.told}>
          <summary>
            {t.withoutSlots} ({told.length})
          </summary>
          <ul>
            {told.map((d) => (
              <li key={d.day}>
                <DateText on={d.day} />: {t.reasons[d.reason as 'busy']}
              </li>
            ))}
          </ul>
        </details>
      )}
      {readAt !== undefined && (
        <p className={css.meta}>
          {t.readAt} <TimeText at={readAt} shape="seconds" named />
        </p>
      )}
      {lacks && (
        <p role="alert" className={css.refused}>
          {t.choose}
        </p>
      )}
      <div className={css.answers}>
        <Button onClick={onClose} disabled={busy}>
          {common.cancel}
        </Button>
        <Button type="submit" variant="filled" disabled={busy || days.size === 0}>
          {busy ? common.saving : how === 'move' ? t.moveDo : t.rebookDo}
        </Button>
      </div>
    </form>
  );
}
