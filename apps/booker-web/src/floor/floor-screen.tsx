import { Button } from '@mantine/core';
import { IconArrowsExchange } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useCallback, useMemo, useState } from 'react';
import { answeredAt, businessNow, useNow } from '../app/clock.js';
import { useEngagementNames, useEngagementsById } from '../app/engagements.js';
import { ariaKeys } from '../keys/keys.js';
import { useKeys } from '../keys/use-keys.js';
import { KeyHint } from '../ui/key-hint.js';
import { Page } from '../ui/page.js';
import { AGENCY_ZONE } from '../ui/time-text.js';
import lines from '../ui/rows.module.css';
import { floor } from '../words/floor.js';
import { useLanguage, useWords } from '../words/language.js';
import { say } from '../words/times.js';
import { Bookers } from './bookers.js';
import { Calendars } from './calendars.js';
import { Callbacks } from './callbacks.js';
import { FloorFigures } from './figures.js';
import { bookersQuery, type Callback, liveCallbacksQuery } from './floor-api.js';
import css from './floor.module.css';
import { MoveDialog } from './move-dialog.js';
import { NoShows } from './no-shows.js';
import { useBookers } from './people.js';
import { Queues } from './queues.js';
import { steady, type Steady } from './steady.js';
import { useMove } from './use-move.js';

/** What has to be kept alive right now: promises, lists, calendars. One act: a promise is given to somebody who keeps it. */
export function FloorScreen() {
  const t = useWords(floor);
  const today = useNow().toZonedDateTimeISO(AGENCY_ZONE).toPlainDate();
  const engagements = useEngagementsById();
  const names = useEngagementNames();
  const { list: bookers, nameOf } = useBookers();
  const [moving, setMoving] = useState<Callback>();
  const { rows, hold } = useSteadyCallbacks(moving !== undefined);
  const [currentId, setCurrentId] = useState<string>();
  const open = rows?.filter((r) => !r.gone).map((r) => r.row) ?? [];
  const current = rows?.find((r) => r.row.leadId === currentId);
  // Whose row has just been settled is not moved by the next press; without any row in hand it is the longest overdue.
  const next = current?.gone ? undefined : (current?.row ?? open[0]);
  const acts = useMove(nameOf);
  const { reset } = acts;
  const ask = useCallback(
    (callback: Callback) => {
      reset();
      setMoving(callback);
    },
    [reset],
  );
  const close = () => setMoving(undefined);
  useKeys(t.title, [{ key: 'r', does: t.callbacks.move, run: () => next && ask(next), when: next !== undefined }]);
  return (
    <Page
      title={t.title}
      tab={t.title}
      sub={t.sub}
      live={<AsOf />}
      actions={
        <Button
          variant="filled"
          disabled={!next}
          onClick={() => next && ask(next)}
          leftSection={<IconArrowsExchange size={16} aria-hidden />}
          aria-keyshortcuts={ariaKeys('r')}
        >
          {t.callbacks.move} <KeyHint k="r" />
        </Button>
      }
    >
      <FloorFigures bookers={bookers} today={today} />
      <div className={css.columns}>
        <div className={lines.stack}>
          <Callbacks
            rows={rows}
            engagements={engagements}
            nameOf={nameOf}
            hold={hold}
            onCurrent={setCurrentId}
            onMove={ask}
          />
          <Queues />
        </div>
        <div className={lines.stack}>
          <Bookers list={bookers} />
          <Calendars />
          <NoShows today={today} />
        </div>
      </div>
      {moving && (
        <MoveDialog
          callback={moving}
          engagement={names.get(moving.engagementId) ?? '…'}
          bookers={bookers ?? []}
          nameOf={nameOf}
          busy={acts.isPending}
          error={acts.error}
          onClose={close}
          onMove={(move) => acts.mutate(move, { onSuccess: close })}
        />
      )}
    </Page>
  );
}

/** The overdue callbacks, standing still while somebody is on them. @param also held, because a dialog is about one of them */
function useSteadyCallbacks(also: boolean) {
  const { data } = useQuery(liveCallbacksQuery);
  const [over, setOver] = useState({ focus: false, pointer: false });
  const held = also || over.focus || over.pointer;
  const [shown, setShown] = useState<{ of: unknown; held: boolean; rows: readonly Steady<Callback>[] }>();
  if (data && (shown?.of !== data || shown.held !== held))
    setShown({ of: data, held, rows: steady(shown?.rows ?? [], data.items, (c) => c.leadId, held) });
  const hold = useMemo(() => {
    const is = (how: 'focus' | 'pointer', so: boolean) => () => setOver((was) => ({ ...was, [how]: so }));
    return {
      onFocus: is('focus', true),
      onBlur: is('focus', false),
      onPointerEnter: is('pointer', true),
      onPointerLeave: is('pointer', false),
    };
  }, []);
  return { rows: shown?.rows, hold };
}

/** When the server was asked last, on the business clock. */
function AsOf() {
  const t = useWords(floor);
  const language = useLanguage();
  const { dataUpdatedAt } = useQuery(bookersQuery);
  if (!dataUpdatedAt) return null;
  return t.asOf(say(answeredAt(dataUpdatedAt).toZonedDateTimeISO(AGENCY_ZONE), 'seconds', language, businessNow()));
}
