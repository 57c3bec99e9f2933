import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useActKeys } from '../app/act-key.js';
import { answer, api, ApiProblem } from '../app/api.js';
import type { Meeting } from '../app/meetings.js';
import { tell } from '../ui/toasts.js';
import { useWords } from '../words/language.js';
import { meetings } from '../words/meetings.js';
import { ui } from '../words/ui.js';

export type Act =
  | { readonly act: 'cancel' | 'missed' | 'held' | 'write-again'; readonly meeting: Meeting }
  | { readonly act: 'move'; readonly meeting: Meeting; readonly startsAt: string }
  | { readonly act: 'rebook'; readonly meeting: Meeting; readonly startsAt: string; readonly hostId: string }
  | { readonly act: 'reassign'; readonly meeting: Meeting; readonly hostId: string };

/** What makes two presses the same act: what is done, to which meeting, and how. */
const nameOf = ({ meeting, ...how }: Act): string => JSON.stringify([meeting.id, how]);

/** What a person does with a meeting. Whatever came of it, the list is fetched anew: it may have changed meanwhile. */
export function useMeetingActs() {
  const t = useWords(meetings);
  const why = useRefusal();
  const queries = useQueryClient();
  const keys = useActKeys();
  return useMutation({
    mutationFn: async (a: Act): Promise<string> => {
      const header = keys.header(nameOf(a));
      const params = { path: { id: a.meeting.id }, header };
      switch (a.act) {
        case 'cancel':
          await answer(api.POST('/api/v1/bookings/{id}/cancel', { params, body: {} }));
          return t.sure.cancel.done;
        case 'missed':
          await answer(api.POST('/api/v1/bookings/{id}/missed', { params }));
          return t.sure.missed.done;
        case 'held':
          await answer(api.POST('/api/v1/bookings/{id}/held', { params }));
          return t.sure.held.done;
        case 'write-again':
          await answer(api.POST('/api/v1/bookings/{id}/write-again', { params }));
          return t.writingAgain;
        case 'move':
          await answer(api.POST('/api/v1/bookings/{id}/move', { params, body: { startsAt: a.startsAt } }));
          return t.moved;
        case 'reassign':
          await answer(api.POST('/api/v1/bookings/{id}/reassign', { params, body: { hostId: a.hostId } }));
          return t.reassigned;
        case 'rebook': {
          const { meetingTypeId, leadId } = a.meeting;
          const body = { meetingTypeId, leadId, hostId: a.hostId, startsAt: a.startsAt };
          await answer(api.POST('/api/v1/bookings', { params: { header }, body }));
          return t.rebooked;
        }
      }
    },
    onSuccess: (said) => tell(said),
    onError: (error, a) => {
      // the dialogs say it themselves, beside what was chosen
      if (!['move', 'rebook', 'reassign'].includes(a.act)) tell(why(error), { tone: 'err' });
    },
    onSettled: (_, error, a) => {
      keys.answered(nameOf(a), error ?? undefined);
      const anew = Promise.all(['meetings', 'slots'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
      // After a success the dialog closes over the new list; where nothing answers, nobody waits for the list too.
      return error ? undefined : anew;
    },
  });
}

/** Why it was refused, in the reader's language; what has no sentence here is said as the server says it. */
export function useRefusal(): (error: unknown) => string {
  const t = useWords(meetings);
  const common = useWords(ui);
  return (error) => {
    if (!(error instanceof ApiProblem)) return common.unreachable;
    return error.code in t.refusals
      ? t.refusals[error.code as keyof typeof t.refusals]
      : error.status === 403
        ? common.forbidden
        : t.refused(error.message);
  };
}
