import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { businessNow } from '../app/clock.js';
import type { Meeting } from '../app/meetings.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { KeyHint } from '../ui/key-hint.js';
import { Failed, Loading } from '../ui/states.js';
import { DateText, OtherZone, TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { ui } from '../words/ui.js';
import css from './meetings.module.css';
import { slotsQuery } from './meetings.js';
import { type Chosen, daysOf } from './days.js';
import { useRefusal } from './use-meeting-acts.js';

const DAYS_AHEAD = 21;
/** Columns. */
const AT_ONCE = 4;
/** Of each day, so that keys 1 to 8 reach every day in sight. */
const WITH_KEY = 2;

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
    <Dialog opened onClose={props.onClose} title={title} size={640}>
      <Times {...props} />
    </Dialog>
  );
}

function Times({ meeting, how, hostName, busy, error, onClose, onChoose }: Props) {
  const t = useWords(meetings);
  const common = useWords(ui);
  const why = useRefusal();
  const [from] = useState(businessNow);
  const slots = useQuery(slotsQuery(meeting.meetingTypeId, from, from.add({ hours: 24 * DAYS_AHEAD })));
  const only = how === 'move' ? meeting.hostId : undefined;
  const days = useMemo(() => (slots.data ? daysOf(slots.data, only) : []), [slots.data, only]);
  const [page, setPage] = useState(0);
  const [chosen, setChosen] = useState<Chosen>();
  const [lacks, setLacks] = useState(false);
  const pages = Math.max(1, Math.ceil(days.length / AT_ONCE));
  const shown = days.slice((page % pages) * AT_ONCE, (page % pages) * AT_ONCE + AT_ONCE);
  const keyed = shown.flatMap((d) => d.slots.slice(0, WITH_KEY));
  const none = slots.data && days.every((d) => !d.slots.length);
  const readAt = slots.data?.calendars.find((c) => only === undefined || c.hostId === only)?.readAt;
  const form = useRef<HTMLFormElement>(null);
  const choose = (slot: Chosen) => {
    setChosen(slot);
    setLacks(false);
  };
  const here = keyed.length > 0;
  // The times come after the dialog, which has taken the focus by then.
  useEffect(() => {
    if (here) form.current?.querySelector<HTMLElement>('input[type=radio]')?.focus();
  }, [here]);
  const moreDays = () => setPage((n) => n + 1);
  useKeys(t.slots, [
    ...keyed.map((slot, i) => ({
      key: String(i + 1),
      does: t.pick(i + 1),
      run: () => {
        choose(slot);
        form.current?.querySelector<HTMLElement>(`[data-start="${slot.startsAt}"]`)?.focus();
      },
    })),
    { key: 'j', does: t.moreDays, run: moreDays, when: pages > 1 },
  ]);
  return (
    <form
      ref={form}
      className={css.dialog}
      onSubmit={(e) => {
        e.preventDefault();
        if (chosen) onChoose(chosen);
        else setLacks(true);
      }}
    >
      <p>
        {t.now}:{' '}
        <b>
          <TimeText at={meeting.startsAt} to={meeting.endsAt} named />
        </b>{' '}
        <OtherZone at={meeting.startsAt} zone={meeting.timeZone} /> · {hostName(meeting.hostId)}
      </p>
      {error !== null && (
        <p role="alert" className={css.refused}>
          {why(error)}
        </p>
      )}
      {slots.isPending && <Loading what={t.times} rows={6} />}
      {slots.isError && <Failed what={t.slotsAway} error={slots.error} retry={() => void slots.refetch()} />}
      {only !== undefined && slots.data?.unreadable.includes(only) && <p className={css.refused}>{t.hostUnreadable}</p>}
      {none && <p>{t.noSlots}</p>}
      {!none && shown.length > 0 && (
        <fieldset className={css.days}>
          <legend className="visually-hidden">{t.slots}</legend>
          {shown.map(({ day, slots: free, reason }) => (
            <div key={day} role="group" aria-labelledby={`day-${day}`}>
              <p id={`day-${day}`} className={css.dayHead}>
                <DateText on={day} />
              </p>
              {reason !== undefined && <p className={css.reason}>{t.reasons[reason as 'busy']}</p>}
              {free.map((slot) => {
                const digit = keyed.indexOf(slot) + 1;
                return (
                  <label key={slot.startsAt} className={css.slot}>
                    <input
                      type="radio"
                      name="slot"
                      data-start={slot.startsAt}
                      checked={chosen?.startsAt === slot.startsAt}
                      onChange={() => choose(slot)}
                      {...(digit > 0 ? { 'aria-keyshortcuts': ariaKeys(String(digit)) } : {})}
                    />
                    <span>
                      <b>
                        <TimeText at={slot.startsAt} shape="time" />
                      </b>
                      <OtherZone at={slot.startsAt} zone={meeting.timeZone} />
                      {how === 'rebook' && <small>{hostName(slot.hostId)}</small>}
                    </span>
                    {digit > 0 && <KeyHint k={String(digit)} />}
                  </label>
                );
              })}
            </div>
          ))}
        </fieldset>
      )}
      {lacks && (
        <p role="alert" className={css.refused}>
          {t.choose}
        </p>
      )}
      <div className={css.foot}>
        <p className={css.meta}>
          {readAt !== undefined && (
            <>
              {t.readAt} <TimeText at={readAt} shape="seconds" named />
            </>
          )}
        </p>
        {pages > 1 && (
          <Button variant="subtle" onClick={moreDays} aria-keyshortcuts={ariaKeys('j')}>
            {t.moreDays} <KeyHint k="j" />
          </Button>
        )}
      </div>
      <div className={css.answers}>
        <Button onClick={onClose} disabled={busy}>
          {common.cancel}
        </Button>
        <Button type="submit" variant="filled" disabled={busy || !slots.data || none === true}>
          {busy ? common.saving : how === 'move' ? t.moveDo : t.rebookDo}
        </Button>
      </div>
    </form>
  );
}
