import { IconChevronDown, IconChevronRight } from '@tabler/icons-react';
import { Fragment, useState } from 'react';
import { StatusBadge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { privacy } from '../words/privacy.js';
import { receipts, systemsOf } from '../words/receipts.js';
import type { Recipient, RecipientLine } from './orders.js';
import css from './privacy.module.css';

/** A receipt for each recipient, what is not done first; a row opens to its evidence. */
export function ReceiptsTable({ lines }: { readonly lines: readonly RecipientLine[] }) {
  const t = useWords(privacy).one;
  const language = useLanguage();
  const [open, setOpen] = useState<ReadonlySet<Recipient>>(
    () => new Set(lines.filter((l) => l.state === 'failing').map((l) => l.recipient)),
  );
  const counted: Readonly<Record<string, string>> = useWords(receipts).counted;
  // What was not there need not be read; that nothing is left is the proof.
  const evidence = (counts: RecipientLine['receipts'][number]['counts']) =>
    Object.entries(counts)
      .filter(([name, n]) => n > 0 || name === 'left')
      .map(([name, n]) => `${counted[name] ?? name}: ${number(language, n)}`)
      .join(', ');
  const toggle = (recipient: Recipient) => {
    const next = new Set(open);
    if (!next.delete(recipient)) next.add(recipient);
    setOpen(next);
  };
  return (
    <div className={css.scroll}>
      <table className={css.receipts}>
        <thead>
          <tr>
            <th scope="col">{t.columns.recipient}</th>
            <th scope="col">{t.columns.action}</th>
            <th scope="col" data-align="end">
              {t.columns.records}
            </th>
            <th scope="col">{t.columns.sent}</th>
            <th scope="col">{t.columns.readBack}</th>
            <th scope="col">{t.columns.state}</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => {
            const shown = open.has(line.recipient);
            const latest = line.receipts.at(-1);
            return (
              <Fragment key={line.recipient}>
                <tr data-tone={line.state === 'failing' ? 'err' : undefined}>
                  <td>
                    <button
                      type="button"
                      className={css.open}
                      aria-expanded={shown}
                      onClick={() => toggle(line.recipient)}
                    >
                      {shown ? <IconChevronDown size={16} aria-hidden /> : <IconChevronRight size={16} aria-hidden />}
                      {t.recipients[line.recipient]}
                      {line.recipient === 'lead-intake' && <small>{t.own}</small>}
                    </button>
                  </td>
                  <td>{latest ? t.actions[latest.phase] : t.waitingFirst}</td>
                  <td data-align="end">{line.records === null ? '–' : number(language, line.records)}</td>
                  <td>{line.sentAt ? <TimeText at={line.sentAt} shape="short" /> : '–'}</td>
                  <td>{line.readBackAt ? <TimeText at={line.readBackAt} shape="short" /> : '–'}</td>
                  <td>
                    <StatusBadge thing="erasure" state={line.state} />
                  </td>
                </tr>
                {shown && (
                  <tr data-tone={line.state === 'failing' ? 'err' : undefined}>
                    <td colSpan={6}>
                      <dl className={css.evidence}>
                        {line.receipts.map((r) => (
                          <div key={r.phase}>
                            <dt>
                              {t.phase[r.phase]} <TimeText at={r.at} shape="short" />
                            </dt>
                            <dd>
                              {evidence(r.counts) || '–'}
                              {r.outstanding.length > 0 && ` · ${t.outstanding}: ${systemsOf(language, r.outstanding)}`}
                            </dd>
                          </div>
                        ))}
                        {line.receipts.length === 0 && (
                          <div>
                            <dt>{t.counts}</dt>
                            <dd>{t.waitingFirst}</dd>
                          </div>
                        )}
                      </dl>
                    </td>
                  </tr>
                )}
              </Fragment>
            );
          })}
        </tbody>
      </table>
    </div>
  );
}
