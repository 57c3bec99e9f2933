import { Button } from '@mantine/core';
import { IconEye, IconEyeOff, IconPencil } from '@tabler/icons-react';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiProblem } from '../../app/api.js';
import { NotFound } from '../../app/not-found.js';
import { useMe } from '../../app/session.js';
import { ariaKeys } from '../../keys/keys.js';
import { useKeys } from '../../keys/use-keys.js';
import { KeyHint } from '../../ui/key-hint.js';
import { Page } from '../../ui/page.js';
import { Failed, Loading } from '../../ui/states.js';
import { StatusBadge } from '../../ui/status-badge.js';
import { useWords } from '../../words/language.js';
import { lead as words } from '../../words/lead.js';
import { leads } from '../../words/leads.js';
import { useEngagements } from '../leads-api.js';
import { ClockCard } from './clock-card.js';
import { DataCard } from './data-card.js';
import { EditDialog } from './edit-dialog.js';
import { ErasedLead } from './erased-lead.js';
import { EventsCard } from './events-card.js';
import { useLeadOnScreen } from './lead-data.js';
import css from './lead.module.css';
import { RecipientsCard } from './recipients-card.js';
import { RevokedLead } from './revoked-lead.js';
import { RightsCard } from './rights-card.js';
import { ShowForm } from './show-form.js';

/** One lead: what we hold and why, where it went, what was done, what the person may ask for, and when it ends. */
export function LeadScreen() {
  const { leadId } = useParams({ from: '/frame/leads/$leadId' });
  return <OneLead key={leadId} leadId={leadId} />;
}

function OneLead({ leadId }: { readonly leadId: string }) {
  const t = useWords(words);
  const l = useWords(leads);
  const { role } = useMe();
  const { nameOf } = useEngagements();
  const on = useLeadOnScreen(leadId);
  const [asking, setAsking] = useState(false);
  const [editing, setEditing] = useState(false);
  const { lead, clock } = on;
  const mayAsk = (role === 'supervisor' || role === 'dpo') && lead?.masked === true;
  const mayEdit = lead !== undefined && !lead.masked && lead.status !== 'suppressed';
  useKeys(t.tab, [
    { key: 'v', does: t.show, run: () => setAsking(true), when: mayAsk },
    { key: 'e', does: t.edit, run: () => setEditing(true), when: mayEdit },
  ]);
  const crumbs = [{ label: l.title, to: '/leads' as const }];

  if (on.revoked) return <RevokedLead why={on.revoked} on={on} leadId={leadId} />;
  if (on.error instanceof ApiProblem && on.error.status === 404) {
    if (clock.data?.order) return <ErasedLead leadId={leadId} clock={clock.data} />;
    if (clock.isPending) return <Loading rows={6} />;
    return <NotFound />;
  }
  if (!lead)
    return (
      <Page title={t.tab} tab={t.tab} crumbs={crumbs}>
        {on.pending ? (
          <Loading rows={8} />
        ) : on.error instanceof ApiProblem && on.error.code === 'restricted' ? (
          <p className={css.notice}>{t.stateNow.restrictedBooker}</p>
        ) : (
          <Failed what={t.away} error={on.error} retry={() => void on.reread()} />
        )}
      </Page>
    );

  const said = t.stateNow[lead.status as 'suppressed' | 'restricted'] as string | undefined;
  return (
    <Page
      title={lead.name}
      tab={t.tab}
      crumbs={crumbs}
      badge={<StatusBadge thing="lead" state={lead.status} />}
      sub={
        <>
          <bdi>{[lead.title, lead.company].filter(Boolean).join(', ') || t.missing}</bdi>
          <span className={css.faint}> · {nameOf(lead.engagementId)}</span>
        </>
      }
      actions={
        <>
          {!lead.masked && role !== 'booker' && role !== 'dpo' && (
            <Button onClick={on.hide} leftSection={<IconEyeOff size={16} aria-hidden />}>
              {t.hide}
            </Button>
          )}
          {mayEdit && (
            <Button
              onClick={() => setEditing(true)}
              leftSection={<IconPencil size={16} aria-hidden />}
              rightSection={<KeyHint k="e" />}
              aria-keyshortcuts={ariaKeys('e')}
            >
              {t.edit}
            </Button>
          )}
          {mayAsk && !asking && (
            <Button
              variant="filled"
              onClick={() => setAsking(true)}
              leftSection={<IconEye size={16} aria-hidden />}
              rightSection={<KeyHint k="v" />}
              aria-keyshortcuts={ariaKeys('v')}
            >
              {t.show}
            </Button>
          )}
        </>
      }
    >
      {said && (
        <p className={css.notice} data-tone={lead.status === 'suppressed' ? 'err' : 'hold'}>
          {said}
        </p>
      )}
      {on.changed && (
        <div className={css.changed} role="status">
          <span>{t.gone.changed}</span>
          <Button size="xs" onClick={() => void on.reread()}>
            {t.gone.reread}
          </Button>
        </div>
      )}
      {asking && mayAsk && <ShowForm unmask={on.unmask} onClose={() => setAsking(false)} />}
      <div className={css.columns}>
        <div className={css.main}>
          <DataCard lead={lead} />
          <RecipientsCard lead={lead} order={clock.data?.order ?? null} />
        </div>
        <div className={css.side}>
          <ClockCard lead={lead} clock={clock} />
          <RightsCard lead={lead} on={on} onEdit={mayEdit ? () => setEditing(true) : undefined} />
          <EventsCard lead={lead} clock={clock.data} />
        </div>
      </div>
      {editing && <EditDialog lead={lead} on={on} onClose={() => setEditing(false)} />}
    </Page>
  );
}
