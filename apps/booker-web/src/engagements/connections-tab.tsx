import { Button } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { answer, api } from '../app/api.js';
import { CRM_NAMES } from '../words/crm-names.js';
import { useMe } from '../app/session.js';
import { KeyValue, LawLine, Section } from '../ui/section.js';
import { Empty, Failed, Loading } from '../ui/states.js';
import { Badge } from '../ui/status-badge.js';
import { TimeText } from '../ui/time-text.js';
import { tell } from '../ui/toasts.js';
import { engagements } from '../words/engagements.js';
import { list as andList, number } from '../words/formats.js';
import { useLanguage, useWords } from '../words/language.js';
import { useActKey } from '../app/act-key.js';
import { Calendars } from './calendars.js';
import { ConnectDialog } from './connect-dialog.js';
import { type Crm, crmsQuery, type Engagement } from './engagements-api.js';
import { ProblemLine } from './problem-line.js';
import { engagementRoute } from './routes.js';
import css from './engagements.module.css';

/** Our ways into the client's CRM and the hosts' calendars, and how each fares. */
export function ConnectionsTab({ engagement: e }: { readonly engagement: Engagement }) {
  const words = useWords(engagements);
  const t = words.connections;
  const { role } = useMe();
  const may = (role === 'admin' || role === 'supervisor') && !e.endedAt;
  const { data, error, refetch } = useQuery(crmsQuery(e.id));
  const mayReconnect = may || (role === 'client' && !e.endedAt);
  const { reconnect } = engagementRoute.useSearch();
  const navigate = useNavigate();
  const [chosen, setOpen] = useState<'new' | Crm>();
  const asked = mayReconnect ? data?.items.find((c) => c.id === reconnect) : undefined;
  const open = chosen ?? asked;
  const close = () => {
    setOpen(undefined);
    if (reconnect !== undefined)
      void navigate({
        to: '/engagements/$engagementId',
        params: { engagementId: e.id },
        search: { tab: 'connections' },
        replace: true,
      });
  };
  return (
    <div className={css.stack}>
      {error && !data && <Failed what={words.away} error={error} retry={() => void refetch()} />}
      {!error && !data && <Loading what={t.crms} rows={4} />}
      {data?.items.length === 0 && (
        <Section title={t.crms}>
          <Empty action={may && <Button onClick={() => setOpen('new')}>{t.connect}…</Button>}>{t.noCrm}</Empty>
        </Section>
      )}
      {data?.items.map((c) => (
        <CrmCard key={c.id} crm={c} may={may} mayReconnect={mayReconnect} onReconnect={() => setOpen(c)} />
      ))}
      {may && data && data.items.length > 0 && data.items.length < 2 && (
        <div>
          <Button onClick={() => setOpen('new')}>{t.connect}…</Button>
        </div>
      )}
      {role !== 'dpo' && <Calendars engagementId={e.id} />}
      {open && <ConnectDialog engagementId={e.id} {...(open === 'new' ? {} : { again: open })} onClose={close} />}
    </div>
  );
}

const TONES = { connecting: 'wait', active: 'ok', broken: 'err', 'waiting-for-limit': 'warn' } as const;

function CrmCard({
  crm: c,
  may,
  mayReconnect,
  onReconnect,
}: {
  readonly crm: Crm;
  readonly may: boolean;
  readonly mayReconnect: boolean;
  readonly onReconnect: () => void;
}) {
  const t = useWords(engagements).connections;
  const language = useLanguage();
  const queries = useQueryClient();
  const key = useActKey();
  const check = useMutation({
    mutationFn: () =>
      answer(api.POST('/api/v1/crm-connections/{id}/check', { params: { path: { id: c.id }, header: key.header() } })),
    onError: key.answered,
    onSuccess: (said) => {
      key.answered();
      tell(said.works ? t.works : t.broken(said.code ?? '?'), said.works ? {} : { tone: 'err' });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['crm-connections'] }),
  });
  const at = (instant: string | null) => (instant ? <TimeText at={instant} shape="short" /> : t.never);
  return (
    <Section
      title={CRM_NAMES[c.kind]}
      aside={
        <Badge tone={TONES[c.state]}>
          {t.states[c.state]}
          {c.code ? `, ${c.code}` : ''}
          {c.waitingUntil && (
            <>
              , <TimeText at={c.waitingUntil} shape="short" />
            </>
          )}
        </Badge>
      }
    >
      <div className={css.stack}>
        <KeyValue
          pairs={[
            [t.account, c.portalId ?? '–'],
            [t.region, c.region ? (t.regions[c.region as keyof typeof t.regions] ?? c.region) : t.unknownRegion],
            [
              t.safeguard,
              c.safeguard ? (t.safeguards[c.safeguard as keyof typeof t.safeguards] ?? c.safeguard) : t.noSafeguard,
            ],
            [t.lastRead, at(c.lastReadAt)],
            [t.lastWrite, at(c.lastWriteAt)],
            ...(c.lastErrorAt
              ? ([
                  [
                    t.lastError,
                    <span key="e">
                      <code>{c.lastErrorCode}</code>, {at(c.lastErrorAt)}
                    </span>,
                  ],
                ] as const)
              : []),
            ...(c.dailyLimit
              ? ([[t.daily, t.of(number(language, c.dailyLimit.used), number(language, c.dailyLimit.limit))]] as const)
              : []),
          ]}
        />
        {c.needs.length > 0 && (
          <p>
            {t.needs}: {andList(language, c.needs)}.
          </p>
        )}
        <LawLine>{t.safeguardHint}</LawLine>
        <ProblemLine error={check.error} />
        {mayReconnect && (
          <div className={css.row}>
            {may && (
              <Button disabled={check.isPending} onClick={() => check.mutate()}>
                {t.check}
              </Button>
            )}
            <Button onClick={onReconnect}>{t.reconnect}…</Button>
          </div>
        )}
      </div>
    </Section>
  );
}
