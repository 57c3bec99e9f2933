import { useQueries } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Badge } from '../ui/status-badge.js';
import { number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { settings } from '../words/settings.js';
import { Part } from './part.js';
import { chainQuery, parkedQuery, SERVICES } from './settings-api.js';
import css from './settings.module.css';

/** Sealing happens every few seconds; what is older than this has stopped. */
const LATE_SECONDS = 300;

/** How each service's audit chain and queue stand; each is asked by itself, so that one that is away hides nothing of the others. */
export function Health() {
  const all = useWords(settings);
  const t = all.health;
  const language = useLanguage();
  const chains = useQueries({ queries: SERVICES.map(chainQuery) });
  const parked = useQueries({ queries: SERVICES.map(parkedQuery) });
  const n = (value: number) => number(language, value);
  const { columns } = t;
  return (
    <Part id="health" title={t.title} why={t.why} scope={all.scope.all} also={t.words}>
      <div className={css.scroll} tabIndex={0} role="region" aria-label={all.table(t.title)}>
        <table className={css.table} aria-busy={chains.some((c) => c.isPending) || undefined}>
          <thead>
            <tr>
              <th scope="col">{columns.service}</th>
              <th scope="col" data-align="end">
                {columns.sealed}
              </th>
              <th scope="col">{columns.witnessed}</th>
              <th scope="col">{columns.lag}</th>
              <th scope="col">{columns.parked}</th>
            </tr>
          </thead>
          <tbody>
            {SERVICES.map((service, i) => {
              const chain = chains[i]!;
              const waiting = parked[i]!.data;
              return (
                <tr key={service}>
                  <th scope="row">{t.services[service]}</th>
                  {chain.isError && !chain.data ? (
                    <td colSpan={3}>
                      <Badge tone="err">{t.away}</Badge>
                    </td>
                  ) : chain.data === null ? (
                    <td colSpan={3} className={css.meta}>
                      {t.nothingYet}
                    </td>
                  ) : chain.data ? (
                    <>
                      <td data-align="end">{n(chain.data.size)}</td>
                      <td>
                        {chain.data.witnessedSize >= chain.data.size ? (
                          <Badge tone="ok">{t.all}</Badge>
                        ) : (
                          <Badge tone="wait">{t.missing(n(chain.data.size - chain.data.witnessedSize))}</Badge>
                        )}
                      </td>
                      <td>
                        {chain.data.lagSeconds > LATE_SECONDS ? (
                          <Badge tone="err">{t.seconds(n(Math.round(chain.data.lagSeconds)))}</Badge>
                        ) : chain.data.lagSeconds > 0 ? (
                          t.seconds(n(Math.ceil(chain.data.lagSeconds)))
                        ) : (
                          t.allSealed
                        )}
                      </td>
                    </>
                  ) : (
                    <td colSpan={3} />
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
