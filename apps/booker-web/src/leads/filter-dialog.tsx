import { Button } from '@mantine/core';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Dialog } from '../ui/confirm-dialog.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { leads } from '../words/leads.js';
import { STATUS } from '../words/status.js';
import { ui } from '../words/ui.js';
import { LEAD_STATES, type LeadsSearch } from './lead-filters.js';
import css from './leads.module.css';
import { type Filter, leadFacets, useEngagements } from './leads-api.js';

/** Every choice with how many leads it would leave, counted before it is applied. A press applies it, a second one takes it away. */
export function FilterDialog({
  search,
  filter,
  onChange,
  onClose,
}: {
  readonly search: LeadsSearch;
  readonly filter: Filter;
  readonly onChange: (next: LeadsSearch) => void;
  readonly onClose: () => void;
}) {
  const t = useWords(leads);
  const u = useWords(ui);
  const language = useLanguage();
  const engagements = useEngagements();
  const facets = useQuery({
    queryKey: ['leads', 'facets', filter],
    queryFn: () => leadFacets(filter),
    placeholderData: keepPreviousData,
  });
  const said = (n: { count: number; more: boolean } | undefined) =>
    n ? `${number(language, n.count)}${n.more ? '+' : ''}` : undefined;
  const set = <K extends keyof LeadsSearch>(key: K, value: LeadsSearch[K]) => {
    const { [key]: was, ...rest } = search;
    onChange(was === value ? rest : { ...rest, [key]: value });
  };
  const choice = <K extends keyof LeadsSearch>(key: K, value: LeadsSearch[K], label: string, count?: string) => (
    <li key={String(value)}>
      <button type="button" className={css.choice} aria-pressed={search[key] === value} onClick={() => set(key, value)}>
        <span>{label}</span>
        {count !== undefined && <span className={css.count}>{count}</span>}
      </button>
    </li>
  );
  const states = facets.data?.states;
  const offered = LEAD_STATES.filter((s) => !states || states.some((f) => f.value === s));
  return (
    <Dialog opened onClose={onClose} title={t.filters.title} size={760}>
      <div className={css.facets}>
        <Group title={t.filters.state}>
          {offered.map((s) => choice('state', s, STATUS.lead[s][language], said(states?.find((f) => f.value === s))))}
        </Group>
        <div>
          {engagements.all.length > 1 && (
            <Group title={t.filters.engagement}>{engagements.all.map((e) => choice('engagement', e.id, e.name))}</Group>
          )}
          <Group title={t.filters.ground}>
            {facets.data?.grounds.map((g) => choice('ground', g.value, t.grounds[g.value], said(g)))}
          </Group>
          <Group title={t.filters.other}>
            {choice('notice', 'week', t.filters.notice)}
            {choice('callable', true, t.filters.callable)}
            {choice('mine', true, t.filters.mine)}
          </Group>
        </div>
        <Group title={t.filters.source}>
          {facets.data?.sources.map((s) => choice('source', s.value, s.value, said(s)))}
        </Group>
      </div>
      <p className={css.why} role="status">
        {facets.isPending ? t.filters.counting : facets.isError ? t.filters.noCounts : ''}
      </p>
      <div className={css.answers}>
        <Button onClick={onClose}>{u.close}</Button>
      </div>
    </Dialog>
  );
}

function Group({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={css.facet}>
      <h3>{title}</h3>
      <ul>{children}</ul>
    </section>
  );
}
