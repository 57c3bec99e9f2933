import { IconHourglass, IconLogout, IconPencil, IconPhone, IconPlayerPause, IconUser } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { msSince, useNow } from '../app/clock.js';
import { useEngagementsById } from '../app/engagements.js';
import { staffQuery } from '../app/staff.js';
import { Nothing } from '../ui/nothing.js';
import { Section } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { Badge } from '../ui/status-badge.js';
import lines from '../ui/rows.module.css';
import { floor } from '../words/floor.js';
import { useLanguage, useWords } from '../words/language.js';
import { sayDuration } from '../words/times.js';
import { bookersQuery } from './floor-api.js';
import css from './floor.module.css';
import type { Booker } from './people.js';

/** What somebody does is neither good nor bad: no green and no red on people. */
const SIGNS = {
  'in-call': ['wait', IconPhone],
  'wrap-up': ['grey', IconPencil],
  lead: ['wait', IconUser],
  waiting: ['grey', IconHourglass],
  paused: ['grey', IconPlayerPause],
  away: ['grey', IconLogout],
} as const;

/** By name, never by result. Who is not in stands there too: a callback can be given to them. */
export function Bookers({ list }: { readonly list: readonly Booker[] | undefined }) {
  const t = useWords(floor).bookers;
  const desks = useQuery(bookersQuery);
  const staff = useQuery(staffQuery);
  const failed = (desks.isError && !desks.data) || (staff.isError && !staff.data);
  const engagements = useEngagementsById();
  const retry = () => {
    void desks.refetch();
    void staff.refetch();
  };
  return (
    <Section title={t.title} flush>
      {failed && <Failed what={t.away} error={desks.error ?? staff.error} retry={retry} />}
      {!failed && !list && <Loading what={t.rows} rows={4} height={48} />}
      {list && !list.some((b) => b.now) && <Nothing>{t.none}</Nothing>}
      {list && (
        <ul className={lines.list}>
          {list.map((b) => (
            <li key={b.id}>
              <span className={lines.two}>
                <b>{b.name}</b>
                {b.now && <span>{engagements.get(b.now.engagementId)?.name ?? '…'}</span>}
              </span>
              <State booker={b} at={desks.dataUpdatedAt} />
            </li>
          ))}
        </ul>
      )}
      {list && <p className={lines.note}>{t.kept}</p>}
    </Section>
  );
}

/** @param at when the server said so, by the browser's clock */
function State({ booker, at }: { readonly booker: Booker; readonly at: number }) {
  const t = useWords(floor).bookers;
  const state = booker.now?.state ?? 'away';
  const [tone, icon] = SIGNS[state];
  return (
    <span className={css.state}>
      <Badge tone={tone} icon={icon}>
        {t.states[state]}
      </Badge>
      {booker.now && <Elapsed seconds={booker.now.forSeconds} at={at} />}
    </span>
  );
}

/** Counts on between two answers; not read aloud by itself. */
function Elapsed({ seconds, at }: { readonly seconds: number; readonly at: number }) {
  const t = useWords(floor).bookers;
  const language = useLanguage();
  useNow(1000);
  const passed = seconds + Math.floor(msSince(at) / 1000);
  return (
    <span className={css.elapsed}>
      <span className="visually-hidden">{t.forTime} </span>
      {sayDuration(passed, language)}
    </span>
  );
}
