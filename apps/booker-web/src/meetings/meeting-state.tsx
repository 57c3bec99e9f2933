import { IconCalendarOff } from '@tabler/icons-react';
import type { Meeting } from '../app/meetings.js';
import { Badge, StatusBadge } from '../ui/status-badge.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { isNotInCalendar } from './meetings.js';
import type { MeetingState as State } from './routes.js';

/** A meeting's state in its one word; one that stands in no calendar never looks merely booked. */
export function MeetingState({ meeting }: { readonly meeting: Meeting }) {
  const t = useWords(meetings);
  if (isNotInCalendar(meeting))
    return (
      <Badge tone="err" icon={IconCalendarOff}>
        {t.notInCalendar}
      </Badge>
    );
  return <StatusBadge thing="meeting" state={meeting.state as State} />;
}
