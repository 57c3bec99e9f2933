import { Button, PasswordInput, Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer, api } from '../app/api.js';
import { CRM_NAMES } from '../words/crm-names.js';
import { withFreshProof } from '../app/fresh-proof.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { LawLine } from '../ui/section.js';
import { tell } from '../ui/toasts.js';
import { engagements } from '../words/engagements.js';
import { useWords } from '../words/language.js';
import { ui } from '../words/ui.js';
import { useActKey } from '../app/act-key.js';
import type { Crm } from './engagements-api.js';
import { ProblemLine } from './problem-line.js';
import { type CrmKind, inEea, type Region, REGIONS_OF, type Safeguard, SAFEGUARDS } from './regions.js';
import { SaveButton } from './save-button.js';
import css from './engagements.module.css';

const KINDS = Object.entries(CRM_NAMES).map(([value, label]) => ({ value: value as CrmKind, label }));

/** Connects a CRM, or lets us in again with what the client gave; whoever does it has just proved who they are. */
export function ConnectDialog({
  engagementId,
  again,
  onClose,
}: {
  readonly engagementId: string;
  /** The connection that is let in again. */
  readonly again?: Crm;
  readonly onClose: () => void;
}) {
  const t = useWords(engagements).connections;
  const common = useWords(ui);
  const queries = useQueryClient();
  const key = useActKey();
  const [kind, setKind] = useState<CrmKind>(again?.kind ?? 'hubspot');
  const [region, setRegion] = useState<Region>('eu1');
  const [safeguard, setSafeguard] = useState<Safeguard>();
  const [text, setText] = useState({ portalId: '', refreshToken: '', username: '', loginHost: '' });
  const outside = again === undefined && !inEea(region);
  const connect = useMutation({
    mutationFn: () => {
      const { portalId, ...rest } = text;
      const { refreshToken, username, loginHost } = rest;
      const given = kind === 'hubspot' ? { refreshToken } : { username, ...(loginHost ? { loginHost } : {}) };
      return withFreshProof(() =>
        answer(
          again
            ? api.POST('/api/v1/crm-connections/{id}/reconnect', {
                params: { path: { id: again.id }, header: key.header() },
                body: given,
              })
            : api.POST('/api/v1/crm-connections', {
                params: { header: key.header() },
                body: {
                  engagementId,
                  kind,
                  region,
                  ...given,
                  ...(outside && safeguard ? { safeguard } : {}),
                  ...(kind === 'hubspot' && portalId ? { portalId } : {}),
                },
              }),
        ),
      );
    },
    onError: key.answered,
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ['crm-connections'] });
      tell(t.connected);
      onClose();
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!connect.isPending) connect.mutate();
  };
  const field = (name: keyof typeof text) => ({
    value: text[name],
    onChange: (event: { currentTarget: { value: string } }) => setText({ ...text, [name]: event.currentTarget.value }),
    autoComplete: 'off',
    className: css.wide!,
  });
  return (
    <Dialog opened onClose={onClose} title={again ? t.reconnect : t.connect}>
      <form className={css.form} onSubmit={submit}>
        {!again && (
          <>
            <Select
              label={t.kind}
              data={KINDS}
              value={kind}
              allowDeselect={false}
              onChange={(value) => {
                const next = KINDS.find((k) => k.value === value)?.value ?? kind;
                setKind(next);
                setRegion(REGIONS_OF[next][0]);
              }}
            />
            <Select
              label={t.region}
              data={REGIONS_OF[kind].map((value) => ({ value, label: t.regions[value] }))}
              value={region}
              allowDeselect={false}
              onChange={(value) => setRegion(REGIONS_OF[kind].find((r) => r === value) ?? region)}
            />
            {outside && (
              <Select
                label={t.safeguard}
                required
                data={SAFEGUARDS.map((value) => ({ value, label: t.safeguards[value] }))}
                value={safeguard ?? null}
                onChange={(value) => setSafeguard(SAFEGUARDS.find((s) => s === value))}
              />
            )}
            <LawLine>{t.safeguardHint}</LawLine>
          </>
        )}
        {kind === 'hubspot' ? (
          <>
            {!again && (
              <TextInput label={t.portalId} inputMode="numeric" pattern="[0-9]{1,20}" {...field('portalId')} />
            )}
            <PasswordInput label={t.refreshToken} required {...field('refreshToken')} />
          </>
        ) : (
          <>
            <TextInput label={t.username} required {...field('username')} />
            <TextInput label={t.loginHost} {...field('loginHost')} />
          </>
        )}
        <ProblemLine error={connect.error} />
        <div className={css.actions}>
          <Button onClick={onClose}>{common.cancel}</Button>
          <SaveButton busy={connect.isPending} disabled={outside && !safeguard} filled>
            {again ? t.reconnect : t.connect}
          </SaveButton>
        </div>
      </form>
    </Dialog>
  );
}
