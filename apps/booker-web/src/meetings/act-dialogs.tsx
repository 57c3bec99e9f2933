import type { Meeting } from '../app/meetings.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { OtherZone, TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import type { Asking } from './act-buttons.js';
import { HostDialog } from './host-dialog.js';
import { TimeDialog } from './time-dialog.js';
import type { useMeetingActs } from './use-meeting-acts.js';

interface Props {
  readonly asking: { readonly how: Asking; readonly meeting: Meeting };
  readonly acts: ReturnType<typeof useMeetingActs>;
  /** Of the meeting's type, in the order in which they are tried. */
  readonly hostIds: readonly string[];
  readonly hostName: (id: string) => string;
  readonly onClose: () => void;
}

/** The one question that an act asks; it stays open until the server has answered, and then says what was refused. */
export function ActDialogs({ asking: { how, meeting }, acts, hostIds, hostName, onClose }: Props) {
  const t = useWords(meetings);
  const shared = { meeting, hostName, busy: acts.isPending, error: acts.error, onClose };
  const done = { onSuccess: onClose };
  if (how === 'move' || how === 'rebook')
    return (
      <TimeDialog
        {...shared}
        how={how}
        onChoose={(slot) =>
          acts.mutate(
            how === 'move' ? { act: how, meeting, startsAt: slot.startsAt } : { act: how, meeting, ...slot },
            done,
          )
        }
      />
    );
  if (how === 'reassign')
    return (
      <HostDialog
        {...shared}
        hostIds={hostIds}
        onChoose={(hostId) => acts.mutate({ act: how, meeting, hostId }, done)}
      />
    );
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={t.sure[how].title}
      confirm={t.sure[how].do}
      danger={how === 'cancel'}
      busy={acts.isPending}
      onConfirm={() => acts.mutate({ act: how, meeting }, { onSettled: onClose })}
    >
      <p>
        <b>
          <TimeText at={meeting.startsAt} to={meeting.endsAt} named />
        </b>{' '}
        <OtherZone at={meeting.startsAt} zone={meeting.timeZone} /> · {hostName(meeting.hostId)}
      </p>
      <p>{t.sure[how].effect}</p>
    </ConfirmDialog>
  );
}
