import { useQueries, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { chainsQuery } from '../app/audit-chain.js';
import { TRAILS } from '../app/audit-trails.js';
import { Badge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { settings } from '../words/settings.js';
import { Part } from './part.js';
import { parkedQuery } from './settings-api.js';
import css from './settings.module.css';

/** Sealing happens every few seconds; what is older than this has stopped. */
const LATE_SECONDS = 300;

/** How each service's audit chain and queue stand; one that is away hides nothing of the others. */
export function Health() {
  const all = useWords(settings);
  const t = all.health;
  const language = useLanguage();
  const chains = useQuery(chainsQuery);
  const parked = useQueries({ queries: TRAILS.map(parkedQuery) });
  const n = (value: number) => number(language, value);
  const { columns } = t;
  return (
    <Part id="health" title={t.title} why={t.why} scope={all.scope.all} also={t.words}>
      <div className={css.scroll} tabIndex={0} role="region" aria-label={all.table(t.title)}>
        <table className={css.table} aria-busy={chains.isPending || undefined}>
          <thead>
            <tr>
              <th scope="col">{columns.service}</th>
              <th scope="col" data-align="end">
                {columns.sealed}
              </th>
              <th scope="col">{columns.witnessed}</th>
              <th scope="col">{columns.lag}</th>
              <th scope="col">{columns.checked}</th>
              <th scope="col">{columns.parked}</th>
            </tr>
          </thead>
          <tbody>
            {TRAILS.map((service, i) => {
              const chain = chains.data?.[service];
              const { checkpoint, lastCheck } = chain ?? {};
              const waiting = parked[i]!.data;
              return (
                <tr key={service}>
                  <th scope="row">{t.services[service]}</th>
                  {chains.data && !chain ? (
                    <td colSpan={4}>
                      <Badge tone="err">{t.away}</Badge>
                    </td>
                  ) : checkpoint === null ? (
                    <td colSpan={4} className={css.meta}>
                      {t.nothingYet}
                    </td>
                  ) : checkpoint ? (
                    <>
                      <td data-align="end">{n(checkpoint.size)}</td>
                      <td>
                        {checkpoint.witnessedSize >= checkpoint.size ? (
                          <Badge tone="ok">{t.all}</Badge>
                        ) : (
                          <Badge tone="wait">{t.missing(n(checkpoint.size - checkpoint.witnessedSize))}</Badge>
                        )}
                      </td>
                      <td>
                        {checkpoint.lagSeconds > LATE_SECONDS ? (
                          <Badge tone="err">{t.seconds(n(Math.round(checkpoint.lagSeconds)))}</Badge>
                        ) : checkpoint.lagSeconds > 0 ? (
                          t.seconds(n(Math.ceil(checkpoint.lagSeconds)))
                        ) : (
                          t.allSealed
                        )}
                      </td>
                      <td>
                        {!lastCheck ? (
                          <span className={css.meta}>{t.never}</span>
                        ) : lastCheck.whole ? (
                          <TimeText at={lastCheck.at} shape="short" />
                        ) : (
                          <Badge tone="err">{t.broken}</Badge>
                        )}
                      </td>
                    </>
                  ) : (
                    <td colSpan={4} />
                  )}
                  <td>
                    {waiting &&
                      (waiting.count > 0 ? (
                        <Badge tone="err">{`${n(waiting.count)}${waiting.more ? '+' : ''}`}</Badge>
                      ) : (
                        n(0)
                      ))}
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
      <p>
        <Link to={'/sync/parked' as '/'}>{t.parkedLink}</Link>
      </p>
    </Part>
  );
}
