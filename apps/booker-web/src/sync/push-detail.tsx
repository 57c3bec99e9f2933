import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CopyableId } from '../ui/copyable-id.js';
import { KeyValue, LawLine } from '../ui/section.js';
import { Failed, Loading } from '../ui/states.js';
import { TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { sync } from '../words/sync.js';
import { PushState } from './push-state.js';
import { pushQuery } from './pushes.js';
import { may } from './states.js';
import css from './sync.module.css';

/** One push: the shape of what was asked and answered, values blanked, and the rule that let it leave or stopped it. */
export function PushDetail({ id, onLinkAnew }: { readonly id: string; readonly onLinkAnew: (id: string) => void }) {
  const t = useWords(sync);
  const { data, error, refetch } = useQuery(pushQuery(id));
  if (error) return <Failed what={t.away} error={error} retry={() => void refetch()} />;
  if (!data) return <Loading rows={6} what={t.detail} />;
  const fields = Object.keys(data.request?.properties ?? {});
  const stopped = data.state === 'blocked' && data.cause && data.cause in t.rules;
  return (
    <div className={css.detail}>
      <div className={css.line}>
        <PushState push={data} />
        <TimeText at={data.at} />
      </div>
      {data.cause && <p className={css.cause}>{t.causes[data.cause]}</p>}
      {data.setAside && <p>{t.setAside}</p>}
      <KeyValue
        inline
        pairs={[
          [
            t.lead,
            <Link key="lead" to={'/leads/$leadId' as '/'} params={{ leadId: data.leadId } as never}>
              <code>{data.leadId.slice(0, 8)}</code>
            </Link>,
          ],
          [t.columns.tries, String(data.tries)],
          ...(data.nextTryAt ? ([[t.nextTry, <TimeText key="next" at={data.nextTryAt} />]] as const) : []),
          ...(data.recordId ? ([[t.record, <CopyableId key="record" id={data.recordId} />]] as const) : []),
          ...(data.requestId ? ([[t.requestId, <CopyableId key="request" id={data.requestId} short />]] as const) : []),
          ...(data.code ? ([[t.code, <code key="code">{data.code}</code>]] as const) : []),
        ]}
      />
      <h3>{t.request}</h3>
      {data.request ? (
        <>
          <p>
            {t.operation[data.request.operation]}: {fields.length ? fields.join(', ') : t.nothingSent}
          </p>
          <p className={css.meta}>{t.valuesBlanked}</p>
        </>
      ) : (
        <p>{t.noRequest}</p>
      )}
      <h3>{t.answer}</h3>
      <p>{data.answer ? (data.answer.accepted ? t.accepted : t.refused) : t.noAnswer}</p>
      {data.refusedFields.length > 0 && (
        <p>
          {t.refusedFields}: {data.refusedFields.join(', ')}
        </p>
      )}
      {(stopped || data.rule) && (
        <LawLine>
          {stopped
            ? `${t.rules[data.cause as keyof typeof t.rules]} (${data.rule?.promises.join(', ') ?? ''})`
            : t.letThrough}
        </LawLine>
      )}
      {may.linkAnew(data.state, data.cause) && <Button onClick={() => onLinkAnew(id)}>{t.linkAnew}</Button>}
    </div>
  );
}
