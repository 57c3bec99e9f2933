import { Button, Select } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { IconFilter, IconUpload } from '@tabler/icons-react';
import { useCallback, useMemo, useState } from 'react';
import { useNow } from '../app/clock.js';
import { useMe } from '../app/session.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { KeyHint } from '../ui/key-hint.js';
import { Page } from '../ui/page.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { tell } from '../ui/toasts.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { leads } from '../words/leads.js';
import { BulkBar } from './bulk-bar.js';
import { type BulkChoice, BulkDialog } from './bulk-dialog.js';
import { ExportDialog } from './export-dialog.js';
import { FilterDialog } from './filter-dialog.js';
import { apiFilter, hasFilter, type LeadsSearch as Search, SORTS } from './lead-filters.js';
import { LeadChips, withoutLast } from './lead-chips.js';
import { useLeadRows } from './lead-rows.js';
import css from './leads.module.css';
import { countLeads, type Filter, type LeadLine, useEngagements } from './leads-api.js';
import { type Found, LeadsSearch } from './leads-search.js';
import { LeadsTable } from './leads-table.js';
import { leadsRoute } from './routes.js';
import { UnmaskDialog } from './unmask-dialog.js';

const NOBODY: ReadonlySet<string> = new Set();

/** What we hold, why, and until when. Filters stand in the address; who is searched for never does. */
export function LeadsScreen() {
  const t = useWords(leads);
  const language = useLanguage();
  const say = (n: number) => number(language, n);
  const { role } = useMe();
  const runs = role === 'supervisor' || role === 'dpo';
  const go = useNavigate();
  const queries = useQueryClient();
  const search = leadsRoute.useSearch();
  const hour = useNow(60_000).round({ smallestUnit: 'hour', roundingMode: 'ceil' }).toString();
  const filter = useMemo(() => apiFilter(search, Temporal.Instant.from(hour)), [search, hour]);
  const sort = search.sort ?? 'newest';

  const counted = useQuery({ queryKey: ['leads', 'count', filter], queryFn: () => countLeads(filter) });
  const [found, setFound] = useState<Found>();
  const [turn, setTurn] = useState(0);
  const rows = useLeadRows(filter, sort, counted.data?.count, counted.data?.more ?? false, turn);
  const count = found ? found.items.length : (counted.data?.count ?? 0);
  const row = (i: number): LeadLine | undefined => (found ? found.items[i] : rows.row(i));

  const [current, setCurrent] = useState<LeadLine>();
  const [selected, setSelected] = useState<ReadonlySet<string>>(NOBODY);
  const [everybody, setEverybody] = useState(false);
  const [dialog, setDialog] = useState<'filter' | 'export' | 'unmask'>();
  const [bulk, setBulk] = useState<BulkChoice>();
  const close = useCallback(() => setDialog(undefined), []);
  const select = useCallback((keys: ReadonlySet<string>) => {
    setSelected(keys);
    setEverybody(false);
  }, []);

  const change = (next: Search) => {
    select(NOBODY);
    void go({ to: '/leads', search: next, replace: true });
  };
  const open = (r: LeadLine) => void go({ to: '/leads/$leadId', params: { leadId: r.id } });
  const startImport = () => void go({ to: '/leads/import' });
  const refresh = () => {
    void queries.invalidateQueries({ queryKey: ['leads'] });
    setTurn((n) => n + 1);
  };
  const onDone = useCallback(
    (done: number) => {
      if (!bulk) return;
      tell(t.bulk.done[bulk.act](number(language, done)));
      setBulk(undefined);
      if (bulk.act !== 'erase' && bulk.act !== 'suppress') setTimeout(refresh);
      else {
        rows.haunt(bulk.ids ?? []);
        setTimeout(refresh, bulk.ids ? 3000 : 0);
      }
      setSelected(NOBODY);
      setEverybody(false);
    },
    // told once for each act
    [bulk],
  );

  useKeys(t.title, [
    { key: 'i', does: t.importLeads, run: startImport, when: role === 'supervisor' },
    { key: 'f', does: t.filter, run: () => setDialog('filter') },
    { key: 'e', does: t.export, run: () => setDialog('export'), when: runs },
    { key: 'v', does: t.unmask, run: () => setDialog('unmask'), when: runs && current !== undefined },
    { key: 'Backspace', does: t.clear, run: () => change(withoutLast(search)), when: hasFilter(search) },
  ]);

  const engagementOf = found ? undefined : search.engagement;
  const nothing = !found && counted.data?.count === 0;
  return (
    <Page
      fill
      title={t.title}
      tab={t.title}
      sub={<Sub count={counted.data} found={found} />}
      actions={
        <>
          {runs && (
            <Button
              onClick={() => setDialog('export')}
              aria-keyshortcuts={ariaKeys('e')}
              rightSection={<KeyHint k="e" />}
            >
              {t.export}
            </Button>
          )}
          {role === 'supervisor' && (
            <Button
              variant="filled"
              onClick={startImport}
              leftSection={<IconUpload size={16} aria-hidden />}
              rightSection={<KeyHint k="i" />}
              aria-keyshortcuts={ariaKeys('i')}
            >
              {t.importLeads}
            </Button>
          )}
        </>
      }
    >
      <div className={css.bar}>
        <LeadsSearch engagementId={search.engagement} found={found} onFound={setFound} />
        <Button
          onClick={() => setDialog('filter')}
          leftSection={<IconFilter size={16} aria-hidden />}
          rightSection={<KeyHint k="f" />}
          aria-keyshortcuts={ariaKeys('f')}
          aria-haspopup="dialog"
        >
          {t.filter}
        </Button>
        <LeadChips search={search} onChange={change} />
        <Select
          className={css.sort}
          aria-label={t.sort}
          data={SORTS.map((value) => ({ value, label: t.sorts[value] }))}
          value={sort}
          allowDeselect={false}
          onChange={(value) => {
            const { sort: _was, ...rest } = search;
            change(value === 'newest' ? rest : { ...rest, sort: value as 'oldest' | 'notice' });
          }}
        />
      </div>
      <section className={css.card} aria-label={t.title}>
        {runs && selected.size > 0 && (
          <BulkBar
            selected={selected.size}
            everybody={everybody}
            all={found ? undefined : counted.data}
            filtered={search.engagement !== undefined}
            onEverybody={() => setEverybody(true)}
            onClear={() => select(NOBODY)}
            engagementId={everybody ? search.engagement : (engagementOfAll(selected, row, count) ?? engagementOf)}
            onAct={(act, engagementId) => {
              const { engagementId: _e, ...rest } = filter;
              setBulk(everybody ? { act, engagementId, filter: rest } : { act, engagementId, ids: [...selected] });
            }}
          />
        )}
        {!found && rows.error !== undefined ? (
          <Failed what={t.away} error={rows.error} retry={rows.retry} />
        ) : nothing ? (
          <Empty
            action={
              hasFilter(search) ? (
                <Button onClick={() => change({})}>{t.clear}</Button>
              ) : role === 'supervisor' ? (
                <Button onClick={startImport}>{t.importLeads}</Button>
              ) : undefined
            }
          >
            {hasFilter(search) ? t.noneFiltered : role === 'booker' ? t.noneBooker : t.none}
          </Empty>
        ) : found?.items.length === 0 ? (
          <Empty>{t.foundNone}</Empty>
        ) : !found && (rows.pending || counted.isPending) ? (
          <Loading rows={12} what={counted.data ? t.people(say(counted.data.count)) : t.list} />
        ) : (
          <LeadsTable
            key={found ? 'found' : JSON.stringify([filter, sort])}
            label={t.title}
            count={count}
            row={row}
            {...(found ? {} : { onSight: rows.onSight })}
            onOpen={open}
            onCurrent={setCurrent}
            ghosts={rows.ghosts}
            oneEngagement={search.engagement !== undefined}
            {...(runs ? { selected, onSelect: select } : {})}
          />
        )}
      </section>
      {dialog === 'filter' && <FilterDialog search={search} filter={filter} onChange={change} onClose={close} />}
      {dialog === 'export' &&
        (search.engagement ? (
          <ExportDialog engagementId={search.engagement} filter={withoutEngagement(filter)} onClose={close} />
        ) : (
          <FirstEngagement onClose={close} search={search} onChange={change} />
        ))}
      {dialog === 'unmask' && current && <UnmaskDialog leadId={current.id} onClose={close} />}
      {bulk && <BulkDialog choice={bulk} onClose={() => setBulk(undefined)} onDone={onDone} />}
    </Page>
  );
}

function Sub({
  count,
  found,
}: {
  readonly count: { count: number; more: boolean } | undefined;
  readonly found: Found | undefined;
}) {
  const t = useWords(leads);
  const language = useLanguage();
  const n = found ? found.items.length : (count?.count ?? 0);
  const said = number(language, n);
  if (!found && !count) return <span>{t.masked}</span>;
  return (
    <span role="status">
      {found
        ? `${n === 1 ? t.foundOne : t.found(said)}. ${found.more ? t.foundMore : ''}`
        : `${count!.more ? `${t.atLeast(said)}. ${t.shownOf(said)}` : `${t.people(said)}.`} ${t.masked}`}
    </span>
  );
}

/** An export is of one engagement: which, is asked before. */
function FirstEngagement({
  search,
  onChange,
  onClose,
}: {
  readonly search: Search;
  readonly onChange: (next: Search) => void;
  readonly onClose: () => void;
}) {
  const t = useWords(leads);
  const { all } = useEngagements();
  return (
    <Dialog opened onClose={onClose} title={t.exportTitle}>
      <Select
        label={t.filters.engagement}
        description={t.exportEngagement}
        data={all.map((e) => ({ value: e.id, label: e.name }))}
        value={null}
        onChange={(engagement) => engagement && onChange({ ...search, engagement })}
        data-autofocus
      />
    </Dialog>
  );
}

const withoutEngagement = ({ engagementId: _gone, ...rest }: Filter): Omit<Filter, 'engagementId'> => rest;

/** The engagement all marked rows are in; undefined when there are several. */
function engagementOfAll(
  selected: ReadonlySet<string>,
  row: (i: number) => LeadLine | undefined,
  count: number,
): string | undefined {
  const of = new Set<string>();
  for (let i = 0; i < count && of.size < 2; i++) {
    const line = row(i);
    if (line && selected.has(line.id)) of.add(line.engagementId);
  }
  return of.size === 1 ? [...of][0] : undefined;
}
