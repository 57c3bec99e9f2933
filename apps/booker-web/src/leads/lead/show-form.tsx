import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { ApiProblem } from '../../app/api.js';
import { Section } from '../../ui/section.js';
import { Failed } from '../../ui/states.js';
import { useWords } from '../../words/language.js';
import { lead as words } from '../../words/lead.js';
import { leads } from '../../words/leads.js';
import { ui } from '../../words/ui.js';
import { useKeys } from '../../keys/use-keys.js';
import type { Lead } from '../leads-api.js';
import { ReasonField, useReason } from '../reason-field.js';
import css from './lead.module.css';
import { useFocusOnce } from './use-focus-once.js';

/** Asks why before the data is shown: reading it is written down, with the reason (G3). */
export function ShowForm({
  unmask,
  onClose,
}: {
  readonly unmask: (reason: string) => Promise<Lead>;
  readonly onClose: () => void;
}) {
  const t = useWords(words);
  const l = useWords(leads);
  const u = useWords(ui);
  const reason = useReason();
  const form = useFocusOnce<HTMLFormElement>();
  const ask = useMutation({
    mutationFn: unmask,
    gcTime: 0,
    onSuccess: onClose,
    onError: (e) => void reason.refused(e),
  });
  useKeys(t.tab, [{ key: 'Escape', does: u.cancel, run: onClose, inFields: true }]);
  const often = ask.error instanceof ApiProblem && ask.error.status === 429;
  return (
    <Section title={t.showWhy}>
      <form
        ref={form}
        className={css.show}
        onSubmit={(e) => {
          e.preventDefault();
          const why = reason.take();
          if (why) ask.mutate(why);
        }}
      >
        <ReasonField reason={reason} usual={l.reasons.unmask} disabled={ask.isPending} />
        {ask.isError && !reason.error && <Failed what={often ? l.tooOften : t.away} error={ask.error} />}
        <div className={css.acts}>
          <Button type="submit" variant="filled" disabled={ask.isPending}>
            {t.show}
          </Button>
          <Button onClick={onClose}>{u.cancel}</Button>
        </div>
      </form>
    </Section>
  );
}
