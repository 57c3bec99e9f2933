import { Button } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useMe } from '../../app/session.js';
import { Dialog } from '../../ui/confirm-dialog.js';
import { Failed } from '../../ui/states.js';
import { tell } from '../../ui/toasts.js';
import { useWords } from '../../words/language.js';
import { lead as words } from '../../words/lead.js';
import { ui } from '../../words/ui.js';
import { type Lead, unmaskLead } from '../leads-api.js';
import { ReasonField, useReason } from '../reason-field.js';
import { saveFile } from '../../app/save-file.js';
import { bookingsOfLead, erasureClock, pushesOfLead } from './lead-data.js';
import css from './lead.module.css';

/** Access and portability (F1, F6): what we hold about the person and where it went, as one JSON file that goes to this machine only. Reading it
 * is written down with the reason. */
export function CopyDialog({ lead, onClose }: { readonly lead: Lead; readonly onClose: () => void }) {
  const t = useWords(words);
  const u = useWords(ui);
  const { role } = useMe();
  const reason = useReason();
  const fetchCopy = useMutation({
    gcTime: 0,
    mutationFn: async (why: string) => {
      const { id, engagementId } = lead;
      const [person, clock, meetings, passedOn] = await Promise.all([
        unmaskLead(id, why),
        erasureClock(id),
        bookingsOfLead(engagementId, id),
        role === 'booker' ? undefined : pushesOfLead(engagementId, id),
      ]);
      saveFile(`lead-${id}.json`, 'application/json', JSON.stringify({ person, clock, meetings, passedOn }, null, 2));
    },
    onSuccess: () => {
      tell(t.copied);
      onClose();
    },
    onError: (e) => void reason.refused(e),
  });
  return (
    <Dialog opened onClose={onClose} title={t.copy}>
      <form
        onSubmit={(e) => {
          e.preventDefault();
          const why = reason.take();
          if (why) fetchCopy.mutate(why);
        }}
      >
        <p>{t.copyWhy}</p>
        <ReasonField reason={reason} usual={t.copyReasons} disabled={fetchCopy.isPending} />
        {fetchCopy.isError && !reason.error && <Failed what={t.copyFailed} error={fetchCopy.error} />}
        <div className={css.answers}>
          <Button onClick={onClose}>{u.cancel}</Button>
          <Button type="submit" variant="filled" disabled={fetchCopy.isPending}>
            {t.copyDo}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
