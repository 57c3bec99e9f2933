import { Button, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useActKeys } from '../app/act-key.js';
import { answer, api } from '../app/api.js';
import { useEngagementNames } from '../app/engagements.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { Failed, Loading } from '../ui/states.js';
import { Badge } from '../ui/status-badge.js';
import { DateText, TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { settings } from '../words/settings.js';
import { NewKeyDialog } from './new-key-dialog.js';
import { OnceShown } from './once-shown.js';
import { Part } from './part.js';
import { settingsRoute } from './routes.js';
import { type ApiKey, apiKeysQuery } from './settings-api.js';
import css from './settings.module.css';
import { useSettingAct } from './use-setting-act.js';

const TONE = { active: 'ok', expired: 'grey', revoked: 'grey' } as const;

/** Suppliers' keys of one engagement, revoked ones too: who looks back must find them. */
export function ApiKeys() {
  const all = useWords(settings);
  const t = all.api;
  const navigate = useNavigate();
  const names = useEngagementNames();
  const engagement = settingsRoute.useSearch().engagement ?? [...names.keys()][0];
  const [asking, setAsking] = useState<'new' | ApiKey>();
  const [secret, setSecret] = useState<string>();
  return (
    <Part id="api-keys" title={t.title} why={t.why} scope={all.scope.supplier} also={t.words}>
      <div className={css.row}>
        <Select
          label={t.engagement}
          className={css.field!}
          allowDeselect={false}
          data={[...names].map(([value, label]) => ({ value, label }))}
          value={engagement ?? null}
          onChange={(value) =>
            value && void navigate({ to: '/settings', search: { engagement: value }, hash: 'api-keys', replace: true })
          }
        />
        <Button disabled={engagement === undefined} onClick={() => setAsking('new')}>
          {t.make}
        </Button>
      </div>
      {engagement !== undefined && <Keys engagement={engagement} onRevoke={setAsking} />}
      {asking === 'new' && engagement !== undefined && (
        <NewKeyDialog engagement={engagement} onMade={setSecret} onClose={() => setAsking(undefined)} />
      )}
      {asking !== undefined && asking !== 'new' && engagement !== undefined && (
        <RevokeDialog engagement={engagement} apiKey={asking} onClose={() => setAsking(undefined)} />
      )}
      {secret !== undefined && (
        <OnceShown
          title={t.madeTitle}
          why={t.madeWhy}
          values={[secret]}
          saved={t.saved}
          onClose={() => setSecret(undefined)}
        />
      )}
    </Part>
  );
}

function Keys({ engagement, onRevoke }: { readonly engagement: string; readonly onRevoke: (key: ApiKey) => void }) {
  const all = useWords(settings);
  const t = all.api;
  const list = useQuery(apiKeysQuery(engagement));
  const { columns, verbs } = t;
  if (list.isPending) return <Loading what={t.list} rows={3} />;
  if (list.isError && !list.data)
    return <Failed what={all.away} error={list.error} retry={() => void list.refetch()} />;
  if (!list.data.length) return <p className={css.none}>{t.none}</p>;
  return (
    <div className={css.scroll} tabIndex={0} role="region" aria-label={all.table(t.title)}>
      <table className={css.table}>
        <thead>
          <tr>
            <th scope="col">{columns.name}</th>
            <th scope="col">{columns.part}</th>
            <th scope="col">{columns.may}</th>
            <th scope="col">{columns.expires}</th>
            <th scope="col">{columns.used}</th>
            <th scope="col">{columns.state}</th>
            <td />
          </tr>
        </thead>
        <tbody>
          {list.data.map((k) => (
            <tr key={k.id}>
              <td>
                <b>{k.name}</b>
                <small>
                  {k.supplier} · {k.source} · {t.grounds[k.ground as keyof typeof t.grounds]}
                </small>
              </td>
              <td>
                <code>{k.publicPart}</code>
              </td>
              <td>{k.verbs.map((verb) => verbs[verb as keyof typeof verbs]).join(', ')}</td>
              <td>
                <TimeText at={k.expiresAt} shape="day" />
              </td>
              <td>{k.lastUsedOn === null ? t.never : <DateText on={k.lastUsedOn} />}</td>
              <td>
                <Badge tone={TONE[k.state]}>{t.states[k.state]}</Badge>
              </td>
              <td>
                {k.state === 'active' && (
                  <Button size="xs" color="err" aria-label={t.revokeOf(k.name)} onClick={() => onRevoke(k)}>
                    {t.revoke}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function RevokeDialog({
  engagement,
  apiKey,
  onClose,
}: {
  readonly engagement: string;
  readonly apiKey: ApiKey;
  readonly onClose: () => void;
}) {
  const t = useWords(settings).api;
  const keys = useActKeys();
  const act = useSettingAct(
    () => {
      const path = { id: engagement, keyId: apiKey.id };
      return answer(
        api.POST('/api/v1/engagements/{id}/api-keys/{keyId}/revoke', {
          params: { path, header: keys.header(apiKey.id) },
        }),
      );
    },
    { touches: ['api-keys'], done: t.revoked },
  );
  return (
    <ConfirmDialog
      opened
      danger
      onClose={onClose}
      title={t.revokeTitle}
      confirm={t.revokeDo}
      busy={act.isPending}
      onConfirm={() => act.mutate(undefined, { onSuccess: onClose })}
    >
      {t.revokeEffect(apiKey.name)}
    </ConfirmDialog>
  );
}
