import { Radio } from '@mantine/core';
import { useState } from 'react';
import type { Colleague } from '../app/staff.js';
import { ConfirmDialog, Dialog } from '../ui/confirm-dialog.js';
import { Button } from '@mantine/core';
import { useWords } from '../words/language.js';
import { staff } from '../words/staff.js';
import { ui } from '../words/ui.js';
import css from './staff.module.css';
import { IDENTITY_CHECKS, type IdentityCheck, type useAccountActs } from './use-account-acts.js';

export type Asking = 'disable' | 'enable' | 'end-sessions' | 'reset-factors';

/** One question that says what the act means for the person, their callbacks and their credit, before anything is pressed. */
export function ActDialog({
  asking,
  person,
  acts,
  onClose,
}: {
  readonly asking: Asking;
  readonly person: Colleague;
  readonly acts: ReturnType<typeof useAccountActs>;
  readonly onClose: () => void;
}) {
  const t = useWords(staff);
  const { name } = person;
  if (asking === 'reset-factors') return <ResetDialog person={person} acts={acts} onClose={onClose} />;
  const run = () => acts.mutate({ act: asking, person }, { onSuccess: onClose });
  const common = { opened: true, onClose, busy: acts.isPending, onConfirm: run } as const;
  if (asking === 'disable')
    return (
      <ConfirmDialog {...common} danger title={t.disable.title(name)} confirm={t.disable.confirm(name)}>
        <ul className={css.effects}>
          <li>{t.disable.sessions(person.sessions)}</li>
          {(person.role === 'booker' || person.role === 'supervisor') && (
            <>
              <li>{t.disable.callbacks}</li>
              <li>{t.disable.credit}</li>
            </>
          )}
          <li>{t.disable.back}</li>
        </ul>
      </ConfirmDialog>
    );
  return asking === 'enable' ? (
    <ConfirmDialog {...common} title={t.enable.title(name)} confirm={t.enable.confirm(name)}>
      {t.enable.effect}
    </ConfirmDialog>
  ) : (
    <ConfirmDialog {...common} title={t.endSessions.title(name)} confirm={t.endSessions.confirm(person.sessions)}>
      {t.endSessions.effect}
    </ConfirmDialog>
  );
}

/** Nothing is chosen in advance: how somebody was recognised is kept in the audit trail. */
function ResetDialog({
  person,
  acts,
  onClose,
}: {
  readonly person: Colleague;
  readonly acts: ReturnType<typeof useAccountActs>;
  readonly onClose: () => void;
}) {
  const t = useWords(staff).reset;
  const common = useWords(ui);
  const [check, setCheck] = useState<IdentityCheck>();
  return (
    <Dialog opened onClose={onClose} title={t.title(person.name)}>
      <form
        className={css.form}
        onSubmit={(event) => {
          event.preventDefault();
          if (check) acts.mutate({ act: 'reset-factors', person, identityCheck: check }, { onSuccess: onClose });
        }}
      >
        <p>{t.effect}</p>
        <Radio.Group
          label={t.how}
          description={t.kept}
          value={check ?? ''}
          onChange={(value) => setCheck(IDENTITY_CHECKS.find((c) => c === value))}
        >
          {IDENTITY_CHECKS.map((c, i) => (
            <Radio key={c} value={c} label={t.checks[c]} mt={8} data-autofocus={i === 0 || undefined} />
          ))}
        </Radio.Group>
        <div className={css.answers}>
          <Button onClick={onClose} disabled={acts.isPending}>
            {common.cancel}
          </Button>
          <Button type="submit" variant="filled" color="err" disabled={!check || acts.isPending}>
            {acts.isPending ? common.saving : t.confirm}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
