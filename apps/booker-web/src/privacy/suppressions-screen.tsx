import { Button, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { answer, api, ApiProblem, idempotencyKey } from '../app/api.js';
import { ConfirmDialog } from '../ui/confirm-dialog.js';
import { Page } from '../ui/page.js';
import { LawLine, Section } from '../ui/section.js';
import { Failed } from '../ui/states.js';
import { Badge, StatusBadge } from '../ui/status-badge.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { privacy } from '../words/privacy.js';
import css from './privacy.module.css';

/** B5: an address or a number is tested, or added. What was typed stays in this form and nowhere else. */
export function SuppressionsScreen() {
  const t = useWords(privacy);
  const s = t.supp;
  const [email, setEmail] = useState('');
  const [phone, setPhone] = useState('');
  const [problem, setProblem] = useState<{ readonly field: 'email' | 'phone'; readonly text: string }>();
  const [adding, setAdding] = useState(false);
  const who = { ...(email.trim() ? { email: email.trim() } : {}), ...(phone.trim() ? { phone: phone.trim() } : {}) };
  const refused = (error: unknown) => {
    if (!(error instanceof ApiProblem)) return;
    const field = error.code === 'phone-invalid' || error.errors[0]?.field === 'phone' ? 'phone' : 'email';
    if (error.status === 400 || error.status === 422)
      setProblem({
        field,
        text: error.code === 'contact-missing' ? s.needed : field === 'phone' ? s.invalidPhone : s.invalidEmail,
      });
  };
  const check = useMutation({
    mutationFn: () => answer(api.POST('/api/v1/suppressions/check', { body: who })),
    onError: refused,
  });
  const add = useMutation({
    mutationFn: () =>
      answer(
        api.POST('/api/v1/suppressions', { params: { header: { 'Idempotency-Key': idempotencyKey() } }, body: who }),
      ),
    onSuccess: () => {
      tell(s.added);
      check.mutate();
    },
    onError: refused,
    onSettled: () => setAdding(false),
  });
  const emailWrong = problem?.field === 'email' ? problem.text : undefined;
  const phoneWrong = problem?.field === 'phone' ? problem.text : undefined;
  const found = check.data;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setProblem(undefined);
    if (!who.email && !who.phone) setProblem({ field: 'email', text: s.needed });
    else check.mutate();
  };
  const changed = () => {
    setProblem(undefined);
    check.reset();
  };
  const unexpected = check.error && !problem ? check.error : add.error && !problem ? add.error : undefined;
  return (
    <Page title={t.suppressions} tab={t.suppressions} crumbs={[{ label: t.title, to: '/privacy-centre' }]} sub={s.sub}>
      <Section title={s.test} hideTitle>
        <form className={css.form} onSubmit={submit} noValidate>
          <TextInput
            label={s.email}
            type="email"
            inputMode="email"
            autoComplete="off"
            spellCheck={false}
            value={email}
            maxLength={254}
            error={emailWrong}
            onChange={(e) => {
              setEmail(e.currentTarget.value);
              changed();
            }}
          />
          <TextInput
            label={s.phone}
            type="tel"
            inputMode="tel"
            autoComplete="off"
            value={phone}
            maxLength={40}
            error={phoneWrong}
            onChange={(e) => {
              setPhone(e.currentTarget.value);
              changed();
            }}
          />
          <div className={css.row}>
            <Button type="submit" variant="filled" disabled={check.isPending}>
              {s.test}
            </Button>
            <Button color="err" disabled={!who.email && !who.phone} onClick={() => setAdding(true)}>
              {s.add}
            </Button>
          </div>
        </form>
        <p role="status">
          {found &&
            (found.everywhere ? (
              <StatusBadge thing="lead" state="suppressed">
                : {s.everywhere}
              </StatusBadge>
            ) : found.clientIds.length ? (
              <StatusBadge thing="lead" state="suppressed">
                : {s.clients(found.clientIds.length)}
              </StatusBadge>
            ) : (
              <Badge tone="ok">{s.not}</Badge>
            ))}
        </p>
        {unexpected && <Failed what={s.test} error={unexpected} />}
        <LawLine>{s.law}</LawLine>
      </Section>
      <ConfirmDialog
        opened={adding}
        onClose={() => setAdding(false)}
        title={s.addTitle}
        confirm={s.add}
        danger
        busy={add.isPending}
        onConfirm={() => add.mutate()}
      >
        {s.addEffect}
      </ConfirmDialog>
    </Page>
  );
}
