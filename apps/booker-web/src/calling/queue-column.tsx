import { useNow } from '../app/clock.js';
import { KeyHint } from '../ui/key-hint.js';
import { Failed, Loading } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import { useLanguage, useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import { number } from '../words/formats.js';
import { say } from '../words/times.js';
import css from './queue-column.module.css';
import type { Desk, DeskState } from './desk.js';
import { type Queue, useQueue } from './use-desk.js';

const ROWS = 5; // with the one on the screen: callbacks, outcomes and what may not be called fit beneath on 900 px
const SOON_MINUTES = 15;

/** What waits: promises first, then the next five by company, what was recorded last, and who may not be called now. */
export function QueueColumn({ desk, state }: { readonly desk: Desk; readonly state: DeskState }) {
  const t = useWords(calling);
  const language = useLanguage();
  const queue = useQueue(desk.engagementId);
  const { data } = queue;
  if (queue.isPending) return <Loading what={t.queue.loading} rows={8} height={44} />;
  if (!data) return <Failed what={t.queue.away} error={queue.error} retry={() => void queue.refetch()} />;
  const blocked = data.blocked.reduce((n, b) => n + b.count, 0);
  const onScreen = state.view && !state.view.revoked ? state.view.lead : undefined;
  return (
    <div className={css.column}>
      {data.callbacks.length > 0 && (
        <section aria-labelledby="callbacks">
          <Head id="callbacks" title={t.queue.callbacks} aside={t.queue.today(data.callbacks.length)} />
          <ol>
            {data.callbacks.map((c) => (
              <Promised key={`${c.at}${c.company ?? ''}`} callback={c} />
            ))}
          </ol>
        </section>
      )}
      <section aria-labelledby="queue">
        <Head id="queue" title={t.queue.title} aside={t.queue.callable(number(language, data.callableNow))} />
        <ol>
          {onScreen && (
            <li className={css.row} data-on>
              <b>{t.queue.onScreen}</b>
              <span>
                <b>{onScreen.company ?? t.queue.noCompany}</b>
                <span>{onScreen.attempts ? t.queue.attempt(onScreen.attempts + 1) : t.queue.fresh}</span>
              </span>
            </li>
          )}
          {data.next.slice(0, onScreen ? ROWS - 1 : ROWS).map((next, i) => (
            <li key={i} className={css.row}>
              <span>{onScreen ? i + 2 : i + 1}</span>
              <span>
                <b>{next.company ?? t.queue.noCompany}</b>
                <span>{reasonOf(next, t)}</span>
              </span>
            </li>
          ))}
        </ol>
        <p className={css.later}>{t.queue.namesLater}</p>
      </section>
      <Last desk={desk} state={state} last={data.last} />
      {blocked > 0 && (
        <section className={css.blocked} aria-labelledby="blocked">
          <h2 id="blocked">
            {t.queue.notNow} <span>{number(language, blocked)}</span>
          </h2>
          <dl>
            {data.blocked.map((b) => (
              <div key={b.code}>
                <dt>{t.blocks[b.code]}</dt>
                <dd>{number(language, b.count)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </div>
  );
}

function Head({ id, title, aside }: { readonly id: string; readonly title: string; readonly aside?: React.ReactNode }) {
  return (
    <header className={css.head}>
      <h2 id={id}>{title}</h2>
      {aside !== undefined && <span>{aside}</span>}
    </header>
  );
}

const reasonOf = (next: Queue['next'][number], t: (typeof calling)['sv']) =>
  next.reason === 'new' ? t.queue.fresh : t.queue.attempt(next.attempt);

function Promised({ callback }: { readonly callback: Queue['callbacks'][number] }) {
  const t = useWords(calling);
  const now = useNow(15_000);
  const minutes = Math.ceil((Temporal.Instant.from(callback.at).epochMilliseconds - now.epochMilliseconds) / 60_000);
  const when = minutes <= -1 ? t.queue.overdue : minutes <= 0 ? t.queue.now : t.queue.due(String(minutes));
  return (
    <li className={css.row} data-due={minutes <= SOON_MINUTES || undefined}>
      <b>
        <TimeText at={callback.at} shape="time" />
      </b>
      <span>
        <b>{callback.company ?? t.queue.noCompany}</b>
        <span>
          {minutes <= SOON_MINUTES ? `${when}, ` : ''}
          {callback.mine ? t.queue.mine : t.queue.shared}
        </span>
      </span>
    </li>
  );
}

function Last({ desk, state, last }: { readonly desk: Desk; readonly state: DeskState; readonly last: Queue['last'] }) {
  const t = useWords(calling);
  const language = useLanguage();
  const now = useNow();
  if (!last.length && !state.writes.length) return null;
  const undo = state.undoable && (
    <button type="button" className={css.undo} onClick={() => void desk.undo()} disabled={state.undoing}>
      {state.undoing ? t.undoing : t.queue.undo} <KeyHint k="z" />
    </button>
  );
  return (
    <section aria-labelledby="last" className={css.last}>
      <Head id="last" title={t.queue.last} aside={undo} />
      <ol aria-live="polite">
        {state.writes.toReversed().map((w) => (
          <li key={w.id} className={css.row} data-saving>
            <span />
            <span>
              <b>{w.company ?? t.queue.noCompany}</b>
              <span>
                {t.outcomes[w.outcome]}, {w.state === 'saving' ? t.queue.saving : t.queue.waiting}
              </span>
            </span>
          </li>
        ))}
        {last.map((o) => (
          <li key={o.id} className={css.row} data-booked={o.outcome === 'booked' || undefined}>
            <span>
              <TimeText at={o.at} shape="time" />
            </span>
            <span>
              <b>{o.company ?? t.queue.noCompany}</b>
              <span>
                {t.outcomes[o.outcome as 'booked']}
                {o.callableAt !== null && `, ${t.queue.againAt(soon(o.callableAt, now, language))}`}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

/** `14:09` today, `tors 11 mars 14:09` else. */
export function soon(at: string, now: Temporal.Instant, language: 'sv' | 'en'): string {
  const there = Temporal.Instant.from(at).toZonedDateTimeISO('Europe/Stockholm');
  const today = there.toPlainDate().equals(now.toZonedDateTimeISO('Europe/Stockholm').toPlainDate());
  return say(there, today ? 'time' : 'day-time', language, now);
}
