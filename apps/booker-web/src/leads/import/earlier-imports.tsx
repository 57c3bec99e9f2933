import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { answer, api } from '../../app/api.js';
import { Section } from '../../ui/section.js';
import { Badge } from '../../ui/status-badge.js';
import { TimeText } from '../../ui/time-text.js';
import { number } from '../../words/formats.js';
import { useLanguage, useWords } from '../../words/language.js';
import { importing } from '../../words/import.js';
import { useEngagements } from '../leads-api.js';
import css from './import.module.css';

const TONE = { waiting: 'warn', running: 'wait', paused: 'warn', done: 'ok', failed: 'err' } as const;
type State = keyof typeof TONE;

/** Imports that wait for somebody or ran lately, so that one begun elsewhere is found again. */
export function EarlierImports() {
  const t = useWords(importing);
  const language = useLanguage();
  const { all, nameOf } = useEngagements();
  const lists = useQueries({
    queries: all.slice(0, 20).map((e) => ({
      queryKey: ['imports', e.id],
      queryFn: () =>
        answer(api.GET('/api/v1/engagements/{id}/imports', { params: { path: { id: e.id }, query: { limit: 5 } } })),
    })),
  });
  const items = lists
    .flatMap((l) => l.data?.items ?? [])
    .sort((a, b) => (a.id < b.id ? 1 : -1))
    .slice(0, 6);
  if (!items.length) return null;
  return (
    <Section title={t.earlier} flush>
      <table className={css.table}>
        <tbody>
          {items.map((i) => (
            <tr key={i.id}>
              <th scope="row">
                <Link to="/leads/imports/$importId" params={{ importId: i.id }}>
                  {nameOf(i.engagementId)}
                </Link>
              </th>
              <td>{i.supplier ?? '–'}</td>
              <td>{t.earlierRows(number(language, i.offered))}</td>
              <td>
                <Badge tone={TONE[i.state as State] ?? 'grey'}>{t.earlierState[i.state as State] ?? i.state}</Badge>
              </td>
              <td>
                <TimeText at={i.createdAt} shape="short" />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Section>
  );
}
