import { Button } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { ApiProblem, post } from '../app/api.js';
import { Dialog } from '../ui/confirm-dialog.js';
import { PasswordField } from '../ui/password-field.js';
import { tell } from '../ui/toasts.js';
import { door } from '../words/door.js';
import { useWords } from '../words/language.js';
import { settings } from '../words/settings.js';
import { ui } from '../words/ui.js';
import { Part } from './part.js';
import css from './settings.module.css';
import { useWhy } from './use-setting-act.js';

export function OwnPassword() {
  const t = useWords(settings);
  const [opened, setOpened] = useState(false);
  return (
    <Part id="password" title={t.password.title} why={t.password.why} scope={t.scope.you}>
      <Button onClick={() => setOpened(true)}>{t.password.change}</Button>
      <Dialog opened={opened} onClose={() => setOpened(false)} title={t.password.title} size={400}>
        <ChangePassword onDone={() => setOpened(false)} />
      </Dialog>
    </Part>
  );
}

/** What was typed stays when it is refused, and the rule stands beside the field it is about. */
function ChangePassword({ onDone }: { readonly onDone: () => void }) {
  const t = useWords(settings).password;
  const d = useWords(door);
  const common = useWords(ui);
  const why = useWhy();
  const queries = useQueryClient();
  const [now, setNow] = useState('');
  const [next, setNext] = useState('');
  const change = useMutation({
    mutationFn: () => post('/api/auth/change-password', { currentPassword: now, newPassword: next }),
    onSuccess: async () => {
      tell(t.done);
      onDone();
      await queries.invalidateQueries({ queryKey: ['me'] });
    },
  });
  const { error } = change;
  const code = error instanceof ApiProblem ? error.code : undefined;
  const ofNext = code !== undefined && code in d.refused ? d.refused[code as keyof typeof d.refused] : undefined;
  const ofNow = code === 'invalid-password' ? t.wrong : undefined;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <form className={css.form} onSubmit={submit}>
      <PasswordField
        label={t.now}
        name="current-password"
        autoComplete="current-password"
        required
        data-autofocus
        value={now}
        error={ofNow}
        onChange={(e) => setNow(e.currentTarget.value)}
      />
      <PasswordField
        label={t.next}
        description={d.passwordRule}
        name="new-password"
        autoComplete="new-password"
        required
        value={next}
        error={ofNext}
        onChange={(e) => setNext(e.currentTarget.value)}
      />
      {error && !ofNow && !ofNext && (
        <p role="alert" className={css.refused}>
          {why(error)}
        </p>
      )}
      <div className={css.answers}>
        <Button onClick={onDone}>{common.cancel}</Button>
        <Button type="submit" variant="filled" disabled={change.isPending}>
          {change.isPending ? common.saving : t.do}
        </Button>
      </div>
    </form>
  );
}
