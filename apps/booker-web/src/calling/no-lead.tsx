import { Button } from '@mantine/core';
import { useNow } from '../app/clock.js';
import { KeyHint } from '../ui/key-hint.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { useLanguage, useWords } from '../words/language.js';
import { calling } from '../words/calling.js';
import { number } from '../words/formats.js';
import css from './calling.module.css';
import type { Desk, DeskState } from './desk.js';
import { soon } from './queue-column.js';
import { useQueue } from './use-desk.js';

/** Where the lead would be: on its way, nobody to call, paused, or not to be had. The frame of the card stays. */
export function NoLead({ desk, state }: { readonly desk: Desk; readonly state: DeskState }) {
  const t = useWords(calling);
  const language = useLanguage();
  const now = useNow();
  const queue = useQueue(desk.engagementId).data;
  const waiting = queue?.blocked.reduce((n, b) => n + b.count, 0) ?? 0;
  const count = number(language, waiting);
  if (state.phase === 'loading')
    return (
      <div className={css.card} data-phase="loading">
        <Loading rows={5} height={44} what={t.loadingLead} />
      </div>
    );
  if (state.phase === 'failed')
    return (
      <Failed what={t.nextAway} unaffected={t.nextUnaffected} error={undefined} retry={() => void desk.advance()} />
    );
  if (state.phase === 'paused')
    return (
      <div className={css.card}>
        <Empty
          action={
            <Button onClick={() => desk.setPaused(false)}>
              {t.resume} <KeyHint k="p" />
            </Button>
          }
        >
          {t.pausedWhy}
        </Empty>
      </div>
    );
  const when = queue?.nextCallableAt;
  return (
    <div className={css.card}>
      <Empty action={<Button onClick={() => void desk.advance()}>{t.lookAgain}</Button>}>
        {when ? t.empty(count, soon(when, now, language)) : waiting ? t.emptyWaiting(count) : t.emptyNone}
      </Empty>
    </div>
  );
}
