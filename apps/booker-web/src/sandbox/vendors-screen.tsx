import { SegmentedControl } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { NotFound } from '../app/not-found.js';
import { useMe } from '../app/session.js';
import { Page } from '../ui/page.js';
import { useWords } from '../words/language.js';
import { sandbox } from '../words/sandbox.js';
import { CalendarList } from './calendar-list.js';
import { FaultSwitches } from './fault-switches.js';
import { RecordList } from './record-list.js';
import { sandboxCrmRoute, VIEWS, type View } from './routes.js';
import css from './sandbox.module.css';

/** What the vendors hold, and how they may be made to misbehave. */
export function VendorsScreen() {
  return useMe().role === 'client' ? <NotFound /> : <Vendors />;
}

function Vendors() {
  const t = useWords(sandbox).vendors;
  const { view = 'hubspot', open } = sandboxCrmRoute.useSearch();
  const navigate = useNavigate();
  const go = (next: View, record?: string) =>
    void navigate({
      to: '/sandbox-crm',
      search: { view: next, ...(record ? { open: record } : {}) },
      replace: true,
    });
  return (
    <Page title={t.title} tab={t.title} sub={t.sub}>
      <SegmentedControl
        className={css.filter}
        aria-label={t.title}
        data={VIEWS.map((value) => ({ value, label: t.views[value] }))}
        value={view}
        onChange={(value) => go(value as View)}
      />
      <div className={css.vendor}>
        {view === 'calendars' ? (
          <CalendarList />
        ) : (
          <RecordList key={view} vendor={view} open={open} onOpen={(record) => go(view, record)} />
        )}
        <FaultSwitches standIn={view === 'calendars' ? 'google' : view} />
      </div>
    </Page>
  );
}
