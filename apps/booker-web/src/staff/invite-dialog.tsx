import { Button, Radio, TextInput } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useEffect, useRef, useState } from 'react';
import { useActKeys } from '../app/act-key.js';
import { answer, api, ApiProblem } from '../app/api.js';
import { NotProved, withFreshProof } from '../app/fresh-proof.js';
import type { Role } from '../app/session.js';
import { type Invitation, staffQuery } from '../app/staff.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { TimeText } from '../ui/time-text.js';
import { useWords } from '../words/language.js';
import { shell } from '../words/shell.js';
import { staff } from '../words/staff.js';
import { ui } from '../words/ui.js';
import { ROLES } from './routes.js';
import css from './staff.module.css';
import { useProblemWords } from './use-account-acts.js';

/** Address and role in, a link out, which the admin hands over. Nothing of it stands anywhere but on this page. */
export function InviteDialog({
  again,
  pending,
  onClose,
}: {
  /** An invitation that gets a new link. */
  readonly again?: Invitation | undefined;
  readonly pending: readonly Invitation[];
  readonly onClose: () => void;
}) {
  const t = useWords(staff).inviting;
  const roles = useWords(shell).roles;
  const common = useWords(ui);
  const problemOf = useProblemWords();
  const queries = useQueryClient();
  const keys = useActKeys();
  const [email, setEmail] = useState(again?.email ?? '');
  const [role, setRole] = useState<Role | undefined>(again?.role);
  const [wrong, setWrong] = useState<{ readonly email?: string; readonly role?: string }>({});
  const address = email.trim().toLowerCase();
  const invite = useMutation({
    mutationFn: ({ email, role }: { email: string; role: Role }) => {
      const header = keys.header(`${email} ${role}`);
      return withFreshProof(() =>
        answer(api.POST('/api/v1/staff/invitations', { params: { header }, body: { email, role } })),
      );
    },
    gcTime: 0, // the link opens a door
    onError: (error) => {
      if (!(error instanceof ApiProblem)) return;
      if (error.code === 'account-exists') setWrong({ email: t.exists });
      else if (error.errors.some((e) => e.field === 'email')) setWrong({ email: t.emailWrong });
    },
    onSettled: (_made, error, { email, role }) => {
      keys.answered(`${email} ${role}`, error ?? undefined);
      return queries.invalidateQueries({ queryKey: staffQuery.queryKey });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const found = {
      ...(address
        ? /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(address)
          ? {}
          : { email: t.emailWrong }
        : { email: t.emailMissing }),
      ...(role ? {} : { role: t.roleMissing }),
    };
    setWrong(found);
    if (!found.email && role && !invite.isPending) invite.mutate({ email: address, role });
  };
  if (invite.data) return <LinkDialog {...invite.data} role={roles[role!]} onClose={onClose} />;
  const known = pending.some((i) => i.email === address && i.state === 'pending');
  return (
    <Dialog opened onClose={onClose} title={t.title} size={520}>
      <form className={css.form} onSubmit={submit} noValidate>
        <TextInput
          label={t.email}
          type="email"
          value={email}
          onChange={(e) => {
            setEmail(e.currentTarget.value);
            setWrong({});
          }}
          error={wrong.email}
          description={known ? t.again : undefined}
          maxLength={254}
          autoComplete="off"
          data-autofocus
        />
        <Radio.Group
          label={t.role}
          value={role ?? ''}
          onChange={(value) => setRole(ROLES.find((r) => r === value))}
          error={role ? undefined : wrong.role}
        >
          {ROLES.map((r) => (
            <Radio key={r} value={r} label={capital(roles[r])} description={t.roles[r]} mt={8} />
          ))}
        </Radio.Group>
        {invite.isError && !wrong.email && !(invite.error instanceof NotProved) && (
          <p role="alert" className={css.problem}>
            {problemOf(invite.error)}
          </p>
        )}
        <div className={css.answers}>
          <Button onClick={onClose}>{common.cancel}</Button>
          <Button type="submit" variant="filled" disabled={invite.isPending}>
            {invite.isPending ? common.saving : t.confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function LinkDialog({
  link,
  expiresAt,
  role,
  onClose,
}: {
  readonly link: string;
  readonly expiresAt: string;
  readonly role: string;
  readonly onClose: () => void;
}) {
  const t = useWords(staff).inviting;
  const [copied, setCopied] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const whole = new URL(link, location.origin).href; // without AVTALA_ORIGIN the API says the path alone
  useEffect(() => button.current?.focus(), []); // the form that had the focus is gone
  const copy = async () => {
    await navigator.clipboard.writeText(whole);
    setCopied(true);
  };
  return (
    <Dialog opened onClose={onClose} title={t.made} size={520}>
      <div className={css.form}>
        <p>{t.hand(role)}</p>
        <TextInput label={t.link} value={whole} readOnly onFocus={(e) => e.currentTarget.select()} />
        <p className={css.meta}>
          {t.until} <TimeText at={expiresAt} />
        </p>
        <p className={css.meta}>{t.next}</p>
        <div className={css.answers}>
          <Button onClick={onClose}>{t.close}</Button>
          <Button
            ref={button}
            variant="filled"
            leftSection={copied ? <IconCheck size={16} aria-hidden /> : <IconCopy size={16} aria-hidden />}
            onClick={() => void copy()}
          >
            {copied ? t.copied : t.copy}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

const capital = (word: string) => word.charAt(0).toLocaleUpperCase('sv') + word.slice(1);
