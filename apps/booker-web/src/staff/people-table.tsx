import { useEngagementNames } from '../app/engagements.js';
import { useNow } from '../app/clock.js';
import { useMe } from '../app/session.js';
import type { Colleague } from '../app/staff.js';
import { DataTable } from '../ui/data-table.js';
import { Badge, StatusBadge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { staff } from '../words/staff.js';
import css from './staff.module.css';

/** A month before, when the reminder goes out (E2). */
const NEAR_DAYS = 31;

export function PeopleTable({
  people,
  compact,
  onOpen,
}: {
  readonly people: readonly Colleague[];
  /** Somebody is open beside it: without what is said there. */
  readonly compact: boolean;
  readonly onOpen: (person: Colleague) => void;
}) {
  const t = useWords(staff);
  const roles = useWords(shell).roles;
  const me = useMe();
  return (
    <div className={css.table}>
      <DataTable
        label={t.people}
        count={people.length}
        row={(i) => people[i]}
        rowKey={(p) => p.id}
        rowHeight={48}
        onOpen={onOpen}
        columns={[
          {
            id: 'name',
            header: t.columns.name,
            width: 'minmax(190px, 1.4fr)',
            cell: (p) => (
              <span className={css.two}>
                <span>
                  <b>
                    <bdi>{p.name}</bdi>
                  </b>
                  {p.id === me.id && <span className={css.faint}> {t.you}</span>}
                </span>
                <span>{p.email}</span>
              </span>
            ),
          },
          { id: 'role', header: t.columns.role, width: '132px', cell: (p) => roles[p.role] },
          {
            id: 'state',
            header: t.columns.state,
            width: '116px',
            cell: (p) => <StatusBadge thing="account" state={p.state} />,
          },
          ...(compact
            ? []
            : [
                {
                  id: 'engagements',
                  header: t.columns.engagements,
                  width: 'minmax(140px, 1fr)',
                  cell: (p: Colleague) => <Engagements person={p} />,
                },
              ]),
          {
            id: 'seen',
            header: t.columns.seen,
            width: '132px',
            cell: (p) => <TimeText at={p.activeAt} shape="short" />,
          },
          { id: 'factor', header: t.columns.factor, width: '128px', cell: (p) => <Factors person={p} /> },
          ...(compact
            ? []
            : [
                { id: 'idle', header: t.columns.idle, width: '156px', cell: (p: Colleague) => <IdleText person={p} /> },
              ]),
        ]}
      />
    </div>
  );
}

function Engagements({ person: { role, engagementIds: ids } }: { readonly person: Colleague }) {
  const t = useWords(staff);
  const names = useEngagementNames();
  if (role === 'admin' || role === 'dpo') return <span className={css.faint}>{t.everyEngagement}</span>;
  if (ids.length === 0) return <span className={css.faint}>{t.none}</span>;
  const said = ids.map((id) => names.get(id) ?? '…');
  return ids.length === 1 ? said[0] : <span title={said.join('; ')}>{t.engagements(ids.length)}</span>;
}

export function Factors({ person: p }: { readonly person: Colleague }) {
  const t = useWords(staff).factors;
  const has = [...(p.secondFactor ? [t.app] : []), ...(p.passkeys ? [t.passkeys(p.passkeys)] : [])];
  return has.length ? <span>{has.join(', ')}</span> : <Badge tone="warn">{t.missing}</Badge>;
}

/** When the account goes if nobody uses it; said as near when the reminder is out. */
export function IdleText({ person }: { readonly person: Colleague }) {
  const t = useWords(staff);
  const days = Math.floor(useNow().until(person.idleDeleteAt).total('hours') / 24);
  const near = days < NEAR_DAYS;
  return (
    <span className={near ? css.near : undefined}>
      <TimeText at={person.idleDeleteAt} shape="day" />
      {near && `, ${t.inDays(Math.max(0, days))}`}
    </span>
  );
}
