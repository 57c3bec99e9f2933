import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { IconBan, IconCopy, IconLock, IconLockOpen, IconPencil, IconTrash } from '@tabler/icons-react';
import { useState } from 'react';
import { answer, api, idempotencyKey } from '../../app/api.js';
import { useMe } from '../../app/session.js';
import { ConfirmDialog } from '../../ui/confirm-dialog.js';
import { LawLine, Section } from '../../ui/section.js';
import { Failed } from '../../ui/states.js';
import { tell } from '../../ui/toasts.js';
import { useWords } from '../../words/language.js';
import { lead as words } from '../../words/lead.js';
import type { Lead } from '../leads-api.js';
import { CopyDialog } from './copy-dialog.js';
import type { LeadOnScreen } from './lead-data.js';
import css from './lead.module.css';

type Act = 'restrict' | 'release' | 'object' | 'erase';

/** What a person may ask for, as buttons: rectification, restriction, objection, erasure, and a copy. One question each, which names its effect. */
export function RightsCard({
  lead,
  on,
  onEdit,
}: {
  readonly lead: Lead;
  readonly on: LeadOnScreen;
  readonly onEdit: (() => void) | undefined;
}) {
  const t = useWords(words);
  const { role } = useMe();
  const [act, setAct] = useState<Act>();
  const [copying, setCopying] = useState(false);
  const staff = role !== 'booker';
  const said = lead.status === 'suppressed';
  return (
    <Section title={t.rights}>
      <div className={css.rights}>
        {onEdit && (
          <Button onClick={onEdit} leftSection={<IconPencil size={16} aria-hidden />}>
            {t.edit}
          </Button>
        )}
        {staff && (
          <Button onClick={() => setCopying(true)} leftSection={<IconCopy size={16} aria-hidden />}>
            {t.copy}
          </Button>
        )}
        {staff && !said && (
          <Button
            onClick={() => setAct(lead.restricted ? 'release' : 'restrict')}
            leftSection={lead.restricted ? <IconLockOpen size={16} aria-hidden /> : <IconLock size={16} aria-hidden />}
          >
            {lead.restricted ? t.release : t.restrict}
          </Button>
        )}
        {!said && (
          <Button color="err" onClick={() => setAct('object')} leftSection={<IconBan size={16} aria-hidden />}>
            {t.object}
          </Button>
        )}
        <Button color="err" onClick={() => setAct('erase')} leftSection={<IconTrash size={16} aria-hidden />}>
          {t.erase}
        </Button>
      </div>
      <LawLine>{t.rightsLaw}</LawLine>
      {act && <Confirmed key={act} act={act} lead={lead} on={on} onClose={() => setAct(undefined)} />}
      {copying && <CopyDialog lead={lead} onClose={() => setCopying(false)} />}
    </Section>
  );
}

function Confirmed({
  act,
  lead,
  on,
  onClose,
}: {
  readonly act: Act;
  readonly lead: Lead;
  readonly on: LeadOnScreen;
  readonly onClose: () => void;
}) {
  const t = useWords(words);
  const [key] = useState(idempotencyKey);
  const { id, version } = lead;
  const run = useMutation({
    mutationFn: async (): Promise<unknown> =>
      act === 'restrict' || act === 'release'
        ? answer(
            api.PATCH('/api/v1/leads/{id}', {
              params: { path: { id } },
              body: { restricted: act === 'restrict', version },
            }),
          )
        : answer(
            api.POST('/api/v1/privacy-requests', {
              params: { header: { 'Idempotency-Key': key } },
              body: { leadId: id, kind: act === 'erase' ? 'erasure' : 'objection' },
            }),
          ),
    onSuccess: async () => {
      tell(act === 'restrict' ? t.restricted : act === 'release' ? t.released : t.ordered);
      onClose();
      await on.reread();
    },
  });
  const said = { title: t[`${act}Title`], confirm: t[`${act}Do`], effect: t[`${act}Effect`] };
  const danger = act === 'object' || act === 'erase';
  return (
    <ConfirmDialog
      opened
      onClose={onClose}
      title={said.title}
      confirm={said.confirm}
      onConfirm={() => run.mutate()}
      busy={run.isPending}
      danger={danger}
    >
      <p>{said.effect}</p>
      {run.isError && <Failed what={t.actFailed} error={run.error} />}
    </ConfirmDialog>
  );
}
