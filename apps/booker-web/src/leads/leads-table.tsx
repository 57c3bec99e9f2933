import { memo, useMemo } from 'react';
import type { Engagement } from '../app/engagements.js';
import { DataTable, type Column } from '../ui/data-table.js';
import { Badge, StatusBadge } from '../ui/status-badge.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { leads } from '../words/leads.js';
import { sayDate } from '../words/times.js';
import { AGENCY_ZONE } from '../ui/time-text.js';
import { useNow } from '../app/clock.js';
import css from './leads.module.css';
import { type LeadLine, useEngagements } from './leads-api.js';

interface Props {
  readonly label: string;
  readonly count: number;
  readonly row: (index: number) => LeadLine | undefined;
  readonly onSight?: (from: number, to: number) => void;
  readonly onOpen: (row: LeadLine) => void;
  readonly onCurrent: (row: LeadLine | undefined) => void;
  readonly selected?: ReadonlySet<string>;
  readonly onSelect?: (keys: ReadonlySet<string>) => void;
  readonly ghosts: ReadonlySet<string>;
  /** One engagement was chosen: its name need not stand in every row. */
  readonly oneEngagement: boolean;
}

/** Company, masked name, what may be done and until when: one line a lead. */
export function LeadsTable(props: Props) {
  const { label, count, row, onSight, onOpen, onCurrent, selected, onSelect, ghosts, oneEngagement } = props;
  const t = useWords(leads);
  const language = useLanguage();
  const { all, nameOf } = useEngagements();
  const today = useNow(60_000).toZonedDateTimeISO(AGENCY_ZONE).toPlainDate().toString();
  const columns = useMemo((): readonly Column<LeadLine>[] => {
    const day = (instant: string) =>
      sayDate(
        Temporal.Instant.from(instant).toZonedDateTimeISO(AGENCY_ZONE).toPlainDate(),
        language,
        Temporal.PlainDate.from(today),
      );
    const c = t.columns;
    const many = all.length > 1 && !oneEngagement;
    return [
      ...(onSelect
        ? [
            {
              id: 'select',
              header: t.select,
              quietHeader: true,
              width: '44px',
              fits: true,
              cell: (r: LeadLine) => (
                <label className={css.tick}>
                  <input
                    type="checkbox"
                    tabIndex={-1}
                    checked={selected?.has(r.id) ?? false}
                    onChange={() => onSelect(toggled(selected, r.id))}
                    aria-label={t.selectOf(r.company ?? r.name)}
                  />
                </label>
              ),
            },
          ]
        : []),
      { id: 'company', header: c.company, width: 'minmax(120px, 1.5fr)', cell: (r) => <Company line={r} /> },
      { id: 'person', header: c.person, width: 'minmax(76px, 1fr)', cell: (r) => <bdi>{r.name}</bdi> },
      { id: 'title', header: c.title, width: 'minmax(76px, 1fr)', cell: (r) => <bdi>{r.title ?? '–'}</bdi> },
      ...(many
        ? [
            {
              id: 'engagement',
              header: c.engagement,
              width: 'minmax(92px, 1fr)',
              cell: (r: LeadLine) => nameOf(r.engagementId),
            },
          ]
        : []),
      {
        id: 'state',
        header: c.state,
        width: '168px',
        fits: true,
        cell: (r) =>
          ghosts.has(r.id) ? <Badge tone="grey">{t.erasedGhost}</Badge> : <StatusBadge thing="lead" state={r.status} />,
      },
      { id: 'ground', header: c.ground, width: '124px', fits: true, cell: (r) => t.grounds[r.ground] },
      { id: 'source', header: c.source, width: 'minmax(80px, 1fr)', cell: (r) => <bdi>{r.source}</bdi> },
      {
        id: 'notice',
        header: c.notice,
        width: '104px',
        fits: true,
        cell: (r) => (r.informed ? <span className={css.faint}>{t.told}</span> : day(r.noticeBy)),
      },
      {
        id: 'attempts',
        header: c.attempts,
        width: '72px',
        fits: true,
        align: 'end',
        cell: (r) => number(language, r.attempts),
      },
      {
        id: 'erased',
        header: c.erased,
        width: '124px',
        cell: (r) => {
          const by = erasedBy(all.find((e) => e.id === r.engagementId));
          return by === undefined ? '–' : typeof by === 'string' ? day(by) : t.afterEnd(number(language, by));
        },
      },
    ];
  }, [t, language, today, all, nameOf, oneEngagement, selected, onSelect, ghosts]);
  return (
    <DataTable
      label={label}
      columns={columns}
      count={count}
      row={row}
      rowKey={(r) => r.id}
      onOpen={onOpen}
      onCurrent={onCurrent}
      {...(onSight ? { onSight } : {})}
      {...(selected && onSelect ? { selected, onSelect } : {})}
      tone={(r) => (ghosts.has(r.id) ? 'wait' : undefined)}
    />
  );
}

const Company = memo(function Company({ line }: { readonly line: LeadLine }) {
  return (
    <span className={css.company}>
      <bdi>{line.company ?? '–'}</bdi>
    </span>
  );
});

const toggled = (selected: ReadonlySet<string> | undefined, id: string): ReadonlySet<string> => {
  const next = new Set(selected);
  if (!next.delete(id)) next.add(id);
  return next;
};

/** By the engagement's own clock (E1): the day, once it has ended; until then how many months after. @returns an instant, or months */
function erasedBy(e: Engagement | undefined): string | number | undefined {
  const end = e?.endedAt ?? e?.effectiveEndAt;
  if (!e) return undefined;
  if (!end) return e.retentionMonths;
  // The last day is inclusive, as retention counts it: X months after the Swedish day of the end.
  return Temporal.Instant.from(end)
    .toZonedDateTimeISO(AGENCY_ZONE)
    .add({ months: e.retentionMonths })
    .toInstant()
    .toString();
}
