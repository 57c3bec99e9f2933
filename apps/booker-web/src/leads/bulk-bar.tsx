import { Button } from '@mantine/core';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { leads } from '../words/leads.js';
import { ui } from '../words/ui.js';
import type { BulkAct } from './bulk-dialog.js';
import css from './leads.module.css';

const ACTS = ['close', 'reopen', 'suppress', 'erase'] as const;

/** What is done with those marked. Many are done one engagement at a time, since terms and rights are an engagement's. */
export function BulkBar({
  selected,
  everybody,
  all,
  filtered,
  engagementId,
  onEverybody,
  onClear,
  onAct,
}: {
  readonly selected: number;
  readonly everybody: boolean;
  /** How many the filter shows; undefined when the list is a search. */
  readonly all: { readonly count: number; readonly more: boolean } | undefined;
  readonly filtered: boolean;
  /** Of all marked; undefined when there are several. */
  readonly engagementId: string | undefined;
  readonly onEverybody: () => void;
  readonly onClear: () => void;
  readonly onAct: (act: BulkAct, engagementId: string) => void;
}) {
  const t = useWords(leads);
  const u = useWords(ui);
  const language = useLanguage();
  const say = (n: number) => number(language, n);
  const more = all && !all.more && all.count > selected;
  return (
    <div className={css.bulk} role="toolbar" aria-label={t.bulk.bar}>
      <strong role="status">{everybody && all ? t.bulk.all(say(all.count)) : u.selected(selected)}</strong>
      {more && !everybody && filtered && (
        <Button size="xs" variant="subtle" onClick={onEverybody}>
          {t.bulk.allOf(say(all.count))}
        </Button>
      )}
      <Button size="xs" variant="subtle" onClick={onClear}>
        {t.bulk.clear}
      </Button>
      <span className={css.acts}>
        {engagementId ? (
          ACTS.map((act) => (
            <Button
              key={act}
              size="xs"
              onClick={() => onAct(act, engagementId)}
              {...(act === 'suppress' || act === 'erase' ? { color: 'err' } : {})}
            >
              {t.bulk[act]}
            </Button>
          ))
        ) : (
          <span className={css.faint}>{t.bulk.several}</span>
        )}
      </span>
    </div>
  );
}
