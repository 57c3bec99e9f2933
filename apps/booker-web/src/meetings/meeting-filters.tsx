import { Button, SegmentedControl, Select } from '@mantine/core';
import { IconChevronLeft, IconChevronRight } from '@tabler/icons-react';
import { ariaKeys } from '../keys/keys.js';
import { DateText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import css from './meetings.module.css';
import { type MeetingsSearch, STATES } from './routes.js';

interface Props {
  /** Mondays. */
  readonly week: string;
  readonly thisWeek: string;
  readonly search: MeetingsSearch;
  readonly engagements: ReadonlyMap<string, string>;
  readonly hosts: ReadonlyMap<string, string>;
  readonly step: (days: number) => void;
  readonly filter: (change: { readonly [K in keyof MeetingsSearch]: MeetingsSearch[K] | undefined }) => void;
}

const options = (of: ReadonlyMap<string, string>) => [...of].map(([value, label]) => ({ value, label }));

export function MeetingFilters({ week, thisWeek, search, engagements, hosts, step, filter }: Props) {
  const t = useWords(meetings);
  const monday = Temporal.PlainDate.from(week);
  return (
    <div className={css.filters}>
      <div className={css.week}>
        <Button onClick={() => step(-7)} aria-label={t.previous} aria-keyshortcuts={ariaKeys('ArrowLeft')}>
          <IconChevronLeft size={16} aria-hidden />
        </Button>
        <Button onClick={() => step(7)} aria-label={t.next} aria-keyshortcuts={ariaKeys('ArrowRight')}>
          <IconChevronRight size={16} aria-hidden />
        </Button>
        <b>{t.week(monday.weekOfYear ?? 0)}</b>
        <span>
          <DateText on={week} />–<DateText on={monday.add({ days: 6 }).toString()} />
        </span>
        {week !== thisWeek && (
          <Button variant="subtle" onClick={() => filter({ week: undefined, open: undefined })}>
            {t.thisWeek}
          </Button>
        )}
      </div>
      <SegmentedControl
        aria-label={t.view}
        value={search.view ?? 'day'}
        onChange={(value) => filter({ view: value === 'week' ? 'week' : undefined })}
        data={[
          { value: 'day', label: t.byDay },
          { value: 'week', label: t.byHost },
        ]}
      />
      <Select
        aria-label={t.engagement}
        placeholder={t.anyEngagement}
        clearable
        data={options(engagements)}
        value={search.engagement ?? null}
        onChange={(value) => filter({ engagement: value ?? undefined, open: undefined })}
      />
      <Select
        aria-label={t.host}
        placeholder={t.anyHost}
        clearable
        data={options(hosts)}
        value={search.host ?? null}
        onChange={(value) => filter({ host: value ?? undefined, open: undefined })}
      />
      <Select
        aria-label={t.state}
        placeholder={t.anyState}
        clearable
        data={STATES.map((value) => ({ value, label: t.states[value] }))}
        value={search.state ?? null}
        onChange={(value) => filter({ state: STATES.find((s) => s === value), open: undefined })}
      />
    </div>
  );
}
