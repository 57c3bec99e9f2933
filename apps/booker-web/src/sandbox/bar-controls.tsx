import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { IconPlayerTrackNext } from '@tabler/icons-react';
import { useEffect, useRef } from 'react';
import { useNow } from '../app/clock.js';
import { refetchable } from '../app/live-keys.js';
import { sessionQuery } from '../app/session.js';
import { AGENCY_ZONE, TimeText } from '../ui/time-text.js';
import { tell } from '../ui/toasts.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { sandbox, whatWord } from '../words/sandbox.js';
import { say } from '../words/times.js';
import css from './bar-controls.module.css';
import { moveClock, nowQuery, stateQuery, type MoveBy, type SandboxState } from './sandbox-api.js';

/** What is in the bar: for clients only the time, for staff everything, at the door nothing. Loaded apart, and only in a sandbox. */
export function BarControls() {
  const { data } = useQuery(sessionQuery);
  if (data?.state !== 'signed-in') return null;
  return data.me.role === 'client' ? <Watch /> : <Controls />;
}

function Watch() {
  useQuery(nowQuery);
  return <Time />;
}

function Time() {
  const t = useWords(sandbox);
  return (
    <span>
      {t.clock}{' '}
      <b>
        <TimeText at={useNow(1000)} shape="day-time" />
      </b>
    </span>
  );
}

function Controls() {
  const t = useWords(sandbox);
  const language = useLanguage();
  const queries = useQueryClient();
  const { data } = useQuery(stateQuery);
  const moving = data?.clock.state === 'moving';
  useFreshAfterMove(moving);
  const move = useMutation({
    mutationFn: (by: MoveBy) => moveClock(by),
    onError: () => tell(t.refused, { tone: 'err' }),
    onSettled: () => queries.invalidateQueries({ queryKey: stateQuery.queryKey }),
  });
  const busy = !data || moving || move.isPending;
  return (
    <>
      <Time />
      <span className={css.acts}>
        {data && data.clock.state !== 'idle' ? (
          <Progress state={data} onGoOn={() => data.clock.target && move.mutate({ to: data.clock.target })} />
        ) : (
          <>
            <button type="button" title={t.hourTitle} disabled={busy} onClick={() => move.mutate({ by: 'hour' })}>
              {t.hour}
            </button>
            <button type="button" title={t.dayTitle} disabled={busy} onClick={() => move.mutate({ by: 'day' })}>
              {t.day}
            </button>
            {data?.next && (
              <button type="button" disabled={busy} onClick={() => move.mutate({ by: 'next' })}>
                <IconPlayerTrackNext size={14} aria-hidden /> <NextWords next={data.next} />
              </button>
            )}
          </>
        )}
      </span>
      <span className={css.ways}>
        {data && data.misbehaving > 0 && (
          <Link to="/sandbox-crm" className={css.faults}>
            {t.misbehaving(data.misbehaving)}
          </Link>
        )}
        <Link to="/sandbox-mail">{t.inbox(number(language, data?.mail.messages ?? 0))}</Link>
        <Link to="/sandbox-crm">{t.crm}</Link>
      </span>
    </>
  );
}

function NextWords({ next }: { readonly next: NonNullable<SandboxState['next']> }) {
  const t = useWords(sandbox);
  return <>{t.till(useMoment(next.at), whatWord(t, next.what, next.of))}</>;
}

/** The time alone on the same day, else with the date. */
function useMoment(at: string): string {
  const language = useLanguage();
  const now = useNow();
  const there = Temporal.Instant.from(at).toZonedDateTimeISO(AGENCY_ZONE);
  const today = now.toZonedDateTimeISO(AGENCY_ZONE).toPlainDate();
  return say(there, there.toPlainDate().equals(today) ? 'time' : 'short', language, now);
}

/** How far the clock has come; the page goes on meanwhile. */
function Progress({ state, onGoOn }: { readonly state: SandboxState; readonly onGoOn: () => void }) {
  const t = useWords(sandbox);
  const { clock, now } = state;
  const began = useRef(now);
  const to = useMoment(clock.target ?? now);
  const at = (moment: string) => Temporal.Instant.from(moment).epochMilliseconds;
  const who = clock.waitingFor.join(', ');
  if (clock.state === 'stalled')
    return (
      <>
        <span role="status">{t.stalled(who || '?')}</span>
        <button type="button" onClick={onGoOn}>
          {t.goOn}
        </button>
      </>
    );
  return (
    <>
      <progress
        aria-label={t.moving}
        max={Math.max(1, at(clock.target ?? now) - at(began.current))}
        value={at(now) - at(began.current)}
      />
      <span role="status">{t.movingTo(to)}</span>
      {who && <span className={css.who}>{t.waitingFor(who)}</span>}
    </>
  );
}

/** What was due meanwhile is done: what the page shows is fetched once more when the clock has arrived. */
function useFreshAfterMove(moving: boolean): void {
  const queries = useQueryClient();
  const before = useRef(false);
  useEffect(() => {
    if (before.current && !moving) void queries.invalidateQueries({ predicate: refetchable });
    before.current = moving;
  }, [moving, queries]);
}
