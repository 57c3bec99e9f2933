import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { certificateText, saveCertificate } from '../app/certificates.js';
import { useEngagementsById } from '../app/engagements.js';
import { type Verdict, verifyCertificate } from '../app/verify-certificate.js';
import { VerdictText } from '../ui/certificate-check.js';
import { Nothing } from '../ui/nothing.js';
import lines from '../ui/rows.module.css';
import { Section } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { StatusBadge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { tell } from '../ui/toasts.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { overview } from '../words/overview.js';
import { ui } from '../words/ui.js';
import { certificatesQuery, type Order } from './overview-api.js';
import css from './overview.module.css';

const FIRST = 4;

/** Proof of what is gone. Each is checked in this browser: it takes nobody's word. */
export function CertificatesCard() {
  const words = useWords(overview);
  const t = words.certificates;
  const common = useWords(ui);
  const language = useLanguage();
  const engagements = useEngagementsById();
  const list = useQuery(certificatesQuery);
  const [all, setAll] = useState(false);
  const [checked, setChecked] = useState<{ readonly id: string; readonly verdict: Verdict }>();
  const rows = all ? list.data : list.data?.slice(0, FIRST);
  const failed = () => void tell(common.failed, { tone: 'err' });
  const check = (id: string) =>
    void certificateText(id)
      .then(verifyCertificate)
      .then((verdict) => setChecked({ id, verdict }), failed);
  const nameOf = (o: Order) =>
    o.scope === 'lead' ? t.person : (engagements.get(o.engagementId)?.name ?? o.engagementId.slice(0, 8));
  return (
    <Section title={t.title} flush>
      {list.isPending && <Loading what={t.rows} rows={2} height={48} />}
      {list.isError && !list.data && <Failed what={words.away} error={list.error} retry={() => void list.refetch()} />}
      {list.data?.length === 0 && <Nothing>{t.none}</Nothing>}
      {rows && rows.length > 0 && (
        <ul className={lines.list}>
          {rows.map((o) => {
            const label = `${nameOf(o)}, ${o.finishedAt!.slice(0, 10)}`;
            return (
              <li key={o.id} className={css.certificate}>
                <span className={lines.two}>
                  <b>{nameOf(o)}</b>
                  <span>
                    <TimeText at={o.finishedAt!} shape="short" />
                    {o.scope === 'engagement' && `, ${t.people(number(language, o.leads))}`}
                  </span>
                </span>
                <StatusBadge thing="erasure" state={o.state === 'completed' ? 'done' : 'incomplete'} />
                <span className={css.acts}>
                  <Button size="xs" onClick={() => check(o.id)} aria-label={t.checkOne(label)}>
                    {t.check}
                  </Button>
                  <Button
                    size="xs"
                    onClick={() => void saveCertificate(o.id).catch(failed)}
                    aria-label={t.downloadOne(label)}
                  >
                    {t.download}
                  </Button>
                </span>
                <div role="status" className={css.verdict}>
                  {checked?.id === o.id && <VerdictText verdict={checked.verdict} />}
                </div>
              </li>
            );
          })}
        </ul>
      )}
      {!all && list.data && list.data.length > FIRST && (
        <p className={lines.note}>
          <Button size="xs" onClick={() => setAll(true)}>
            {t.more(list.data.length - FIRST)}
          </Button>
        </p>
      )}
    </Section>
  );
}
