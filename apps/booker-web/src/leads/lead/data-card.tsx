import type { ReactNode } from 'react';
import { KeyValue, Section } from '../../ui/section.js';
import { TimeText } from '../../ui/time-text.js';
import { useMe } from '../../app/session.js';
import { number } from '../../words/formats.js';
import { useLanguage, useWords } from '../../words/language.js';
import { lead as words } from '../../words/lead.js';
import { leads } from '../../words/leads.js';
import { sayPhone } from '../../words/phone.js';
import type { Lead } from '../leads-api.js';
import css from './lead.module.css';

export const FIELDS = ['name', 'company', 'title', 'phone', 'email', 'social'] as const;
export type Field = (typeof FIELDS)[number];
const SHOWN_MASKED: readonly Field[] = ['name', 'company', 'title'];

/** Each field with where it came from and on what basis. What is masked is said to be hidden, not shown as empty. */
export function DataCard({ lead }: { readonly lead: Lead }) {
  const t = useWords(words);
  const l = useWords(leads);
  const language = useLanguage();
  const { role } = useMe();
  const source = lead.supplier ? t.sourceOf(lead.notice.source, lead.supplier) : lead.notice.source;
  const value = (f: Field): ReactNode => {
    if (lead.masked && !SHOWN_MASKED.includes(f)) return <span className={css.faint}>{t.hidden}</span>;
    const text = lead[f];
    if (!text) return <span className={css.faint}>{t.missing}</span>;
    if (f === 'phone') return <PhoneNumber lead={lead} phone={text} />;
    return <bdi className={css.value}>{text}</bdi>;
  };
  return (
    <Section title={t.data} aside={lead.masked ? (role === 'booker' ? t.maskedBooker : t.masked) : t.audited} flush>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{t.field}</th>
            <th scope="col">{t.value}</th>
            <th scope="col">{t.source}</th>
            <th scope="col">{t.ground}</th>
          </tr>
        </thead>
        <tbody>
          {FIELDS.map((f) => (
            <tr key={f}>
              <th scope="row">{t.fields[f]}</th>
              <td>{value(f)}</td>
              <td>
                <bdi>{source}</bdi>
              </td>
              <td>{l.grounds[lead.notice.ground]}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <div className={css.facts}>
        <KeyValue
          pairs={[
            [t.obtained, <TimeText key="o" at={lead.notice.obtainedAt} />],
            lead.informedAt
              ? [t.told, <TimeText key="i" at={lead.informedAt} />]
              : [t.tellBy, <TimeText key="b" at={lead.noticeBy} />],
            [t.attempts, number(language, lead.attempts)],
            ...(lead.callableAt ? ([[t.callable, <TimeText key="c" at={lead.callableAt} />]] as const) : []),
            ...(lead.consent
              ? ([
                  [
                    t.consent,
                    <span key="s">
                      {t.consentOf(lead.consent.version, lead.consent.how)}, <TimeText at={lead.consent.givenAt} />
                    </span>,
                  ],
                  [t.proof, lead.consent.proof],
                ] as const)
              : []),
          ]}
        />
      </div>
    </Section>
  );
}

function PhoneNumber({ lead, phone }: { readonly lead: Lead; readonly phone: string }) {
  const t = useWords(words);
  const { kind, nixOn, listed } = lead.number;
  const known = kind === 'company' ? t.number.company : kind === 'private' ? t.number.private : t.number.unknown;
  const nix = listed ? t.number.listed : nixOn ? t.number.checked : t.number.unchecked;
  return (
    <span className={css.value}>
      <span className={css.tabular}>{sayPhone(phone)}</span>
      <span className={css.faint}>
        {' '}
        {known}
        {kind === 'private' ? `, ${nix}` : ''}
      </span>
    </span>
  );
}
