import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Meeting } from '../app/meetings.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { Failed, Loading } from '../ui/states.js';
import { OtherZone, TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { ui } from '../words/ui.js';
import css from './meetings.module.css';
import { slotsQuery } from './meetings.js';
import { useRefusal } from './use-meeting-acts.js';

interface Props {
  readonly meeting: Meeting;
  /** Of the meeting's type, in the order in which they are tried. */
  readonly hostIds: readonly string[];
  readonly hostName: (id: string) => string;
  readonly busy: boolean;
  readonly error: unknown;
  readonly onClose: () => void;
  readonly onChoose: (hostId: string) => void;
}

/** Gives the meeting to another host at the same time. Who seems taken may be tried all the same: the server asks the calendars anew. */
export function HostDialog(props: Props) {
  const t = useWords(meetings);
  return (
    <Dialog opened onClose={props.onClose} title={t.reassignTitle}>
      <Hosts {...props} />
    </Dialog>
  );
}

function Hosts({ meeting, hostIds, hostName, busy, error, onClose, onChoose }: Props) {
  const t = useWords(meetings);
  const common = useWords(ui);
  const why = useRefusal();
  const others = hostIds.filter((id) => id !== meeting.hostId);
  const at = Temporal.Instant.from(meeting.startsAt);
  const slots = useQuery(slotsQuery(meeting.meetingTypeId, at, Temporal.Instant.from(meeting.endsAt)));
  const [chosen, setChosen] = useState<string>();
  const [lacks, setLacks] = useState(false);
  const standing = (id: string): string => {
    if (!slots.data) return '';
    if (slots.data.unreadable.includes(id)) return t.unreadable;
    const free = slots.data.slots.some((s) => s.hostId === id && at.equals(s.startsAt));
    return free ? t.free : t.notFree;
  };
  return (
    <form
      className={css.dialog}
      onSubmit={(e) => {
        e.preventDefault();
        if (chosen !== undefined) onChoose(chosen);
        else setLacks(true);
      }}
    >
      <p>
        <TimeText at={meeting.startsAt} to={meeting.endsAt} named />{' '}
        <OtherZone at={meeting.startsAt} zone={meeting.timeZone} /> · {t.now}: {hostName(meeting.hostId)}
      </p>
      {error !== null && (
        <p role="alert" className={css.refused}>
          {why(error)}
        </p>
      )}
      {slots.isPending && <Loading what={t.times} rows={2} />}
      {slots.isError && <Failed what={t.slotsAway} error={slots.error} retry={() => void slots.refetch()} />}
      {others.length === 0 && <p>{t.noOtherHost}</p>}
      {others.length > 0 && (
        <fieldset className={css.hosts}>
          <legend>{t.hosts}</legend>
          {others.map((id, i) => (
            <label key={id}>
              <input
                type="radio"
                name="host"
                data-autofocus={i === 0 ? true : undefined}
                checked={chosen === id}
                onChange={() => {
                  setChosen(id);
                  setLacks(false);
                }}
              />
              <span>
                <b>{hostName(id)}</b> {standing(id)}
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {lacks && (
        <p role="alert" className={css.refused}>
          {t.chooseHost}
        </p>
      )}
      <div className={css.answers}>
        <Button onClick={onClose} disabled={busy}>
          {common.cancel}
        </Button>
        <Button type="submit" variant="filled" disabled={busy || others.length === 0}>
          {busy ? common.saving : t.reassignDo}
        </Button>
      </div>
    </form>
  );
}
