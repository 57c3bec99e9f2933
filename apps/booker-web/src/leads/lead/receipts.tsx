import { Badge } from '../../ui/status-badge.js';
import { TimeText } from '../../ui/time-text.js';
import { useLanguage, useWords } from '../../words/language.js';
import { lead as words } from '../../words/lead.js';
import { systemsOf } from '../../words/receipts.js';
import type { Order } from './lead-data.js';
import css from './lead.module.css';

const HOLDERS = ['lead-intake', 'scheduling', 'crm-sync'] as const;

/** What each holder has answered to an erasure order: the newest phase it has reached. Without a receipt it is not done. */
export function ReceiptsOf({ order }: { readonly order: Order }) {
  const t = useWords(words);
  const language = useLanguage();
  return (
    <table className={css.table}>
      <thead>
        <tr>
          <th scope="col">{t.recipient}</th>
          <th scope="col">{t.receipt}</th>
        </tr>
      </thead>
      <tbody>
        {HOLDERS.map((holder) => {
          const last = order.receipts.filter((r) => r.recipient === holder).at(-1);
          const waits = last?.outstanding ?? [];
          const done = last?.phase === 'verified' && !waits.length && (last.counts['left'] ?? 0) === 0;
          return (
            <tr key={holder}>
              <th scope="row">{t.holders[holder]}</th>
              <td>
                <Badge tone={done ? 'ok' : 'wait'}>
                  {last
                    ? waits.length
                      ? t.outstanding(systemsOf(language, waits))
                      : t.phases[last.phase]
                    : t.outstanding(t.receipt.toLocaleLowerCase(language))}
                </Badge>{' '}
                {last && <TimeText at={last.at} shape="short" />}
              </td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}
