import { Switch } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Section } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { Badge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { sandbox } from '../words/sandbox.js';
import css from './sandbox.module.css';
import { calendarsQuery, setUnreadable, type CalendarEvent } from './sandbox-api.js';

/** Every calendar with its events; deleted ones too, since the vendor keeps their text. */
export function CalendarList() {
  const t = useWords(sandbox).vendors;
  const queries = useQueryClient();
  const list = useQuery(calendarsQuery);
  const set = useMutation({
    mutationFn: ({ id, unreadable }: { id: string; unreadable: boolean }) => setUnreadable(id, unreadable),
    onError: () => tell(t.failed, { tone: 'err' }),
    onSettled: () => queries.invalidateQueries({ queryKey: ['sandbox'] }),
  });
  if (list.isPending) return <Loading what={t.views.calendars} rows={8} />;
  if (!list.data) return <Failed what={t.away} error={list.error} retry={() => void list.refetch()} />;
  if (list.data.items.length === 0) return <Empty>{t.noCalendars}</Empty>;
  return (
    <div className={css.records}>
      {list.data.items.map((c) => (
        <Section
          key={c.id}
          title={c.id}
          aside={
            <Switch
              label={t.unreadable}
              aria-label={`${t.unreadable}: ${c.id}`}
              checked={c.unreadable}
              disabled={set.isPending}
              onChange={(e) => set.mutate({ id: c.id, unreadable: e.currentTarget.checked })}
            />
          }
        >
          {c.events.length === 0 ? (
            <p className={css.meta}>{t.noEvents}</p>
          ) : (
            <ul className={css.events}>
              {c.events.map((event) => (
                <Event key={event.id} event={event} zone={c.timeZone} />
              ))}
            </ul>
          )}
        </Section>
      ))}
    </div>
  );
}

function Event({ event, zone }: { readonly event: CalendarEvent; readonly zone: string }) {
  const t = useWords(sandbox).vendors;
  const [from, to] = [event.start?.dateTime, event.end?.dateTime];
  return (
    <li>
      <span>{from && to ? <TimeText at={from} to={to} zone={zone} named /> : '–'}</span>
      <b>{event.summary ?? t.untitled}</b>
      {event.status === 'cancelled' && <Badge tone="grey">{t.cancelled}</Badge>}
      {event.description && <span className={css.description}>{event.description}</span>}
    </li>
  );
}
