import { useQueries } from '@tanstack/react-query';
import { CRM_NAMES } from '../words/crm-names.js';
import { CopyableId } from '../ui/copyable-id.js';
import { Nothing } from '../ui/nothing.js';
import lines from '../ui/rows.module.css';
import { Section } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { overview } from '../words/overview.js';
import { type Crm, writtenQuery } from './overview-api.js';
import css from './overview.module.css';

const MOST = 6;

/** The newest records that stand in the client's CRM by our hand: kind, names of fields, and the CRM's own id. */
export function WrittenCard({ crms }: { readonly crms: readonly Crm[] }) {
  const words = useWords(overview);
  const t = words.written;
  const pages = useQueries({ queries: crms.map((c) => writtenQuery(c.id)) });
  const failed = pages.find((p) => p.isError && !p.data);
  const loaded = pages.every((p) => p.data);
  const rows = pages
    .flatMap((p, i) => (p.data?.items ?? []).map((item) => ({ ...item, kind: crms[i]!.kind })))
    .sort((a, b) => Temporal.Instant.compare(b.at, a.at))
    .slice(0, MOST);
  return (
    <Section title={t.title} flush>
      {failed && <Failed what={words.away} error={failed.error} retry={() => void failed.refetch()} />}
      {!failed && !loaded && <Loading what={t.rows} rows={3} height={48} />}
      {loaded && rows.length === 0 && <Nothing>{t.none}</Nothing>}
      {rows.length > 0 && (
        <ul className={lines.list}>
          {rows.map((r) => (
            <li key={`${r.kind}${r.object}${r.recordId}${r.at}`} className={css.record}>
              <span className={lines.two}>
                <b>{t.said[r.object][r.operation ?? 'update']}</b>
                <span>
                  {CRM_NAMES[r.kind]}, <TimeText at={r.at} shape="short" />
                </span>
                {r.fields.length > 0 && <code>{r.fields.join(', ')}</code>}
              </span>
              {r.recordId && <CopyableId id={r.recordId} short />}
            </li>
          ))}
        </ul>
      )}
      {loaded && <p className={lines.note}>{t.note}</p>}
    </Section>
  );
}
