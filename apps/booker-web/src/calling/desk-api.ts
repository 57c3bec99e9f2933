import { answer, api, ApiProblem, Unreachable } from '../app/api.js';

const header = (key: string) => ({ header: { 'Idempotency-Key': key } });

/** The calls of the desk. Each takes the key of its act, so that it happens once however often it is sent. */
export const deskApi = {
  current: (engagementId: string) =>
    answer(api.GET('/api/v1/calling/current', { params: { query: { engagementId } } })).then((a) => a?.lead),
  next: (engagementId: string, key: string) =>
    answer(api.POST('/api/v1/calling/next', { params: header(key), body: { engagementId } })).then((a) => a?.lead),
  reserve: (engagementId: string) => answer(api.POST('/api/v1/calling/reservation', { body: { engagementId } })),
  callable: (id: string) => answer(api.GET('/api/v1/leads/{id}/callable', { params: { path: { id } } })),
  record: (id: string, key: string, body: OutcomeBody) =>
    answer(api.POST('/api/v1/leads/{id}/outcomes', { params: { path: { id }, ...header(key) }, body })),
  /** Towards every client, by what was on the screen. */
  suppress: (key: string, body: { email: string } | { phone: string }) =>
    answer(api.POST('/api/v1/suppressions', { params: header(key), body })),
  undo: (id: string, key: string) =>
    answer(api.POST('/api/v1/outcomes/{id}/undo', { params: { path: { id }, ...header(key) } })),
  book: (key: string, body: { meetingTypeId: string; hostId: string; leadId: string; startsAt: string }) =>
    answer(api.POST('/api/v1/bookings', { params: header(key), body })),
  cancel: (id: string, key: string) =>
    answer(
      api.POST('/api/v1/bookings/{id}/cancel', {
        params: { path: { id }, ...header(key) },
        body: { reason: 'taken-back' },
      }),
    ),
  keep: (
    key: string,
    body: { meetingTypeId: string; hostId: string; leadId: string; startsAt: string; forMinutes: number },
  ) => answer(api.POST('/api/v1/slots/keep', { params: header(key), body })),
  /** Only at the lead's own wish: without it the mail would be marketing. */
  sendLink: (key: string, body: { leadId: string; meetingTypeId: string; askedByLead: true; validDays: number }) =>
    answer(api.POST('/api/v1/booking-links', { params: header(key), body })),
  withdrawLink: (id: string) => answer(api.DELETE('/api/v1/booking-links/{id}', { params: { path: { id } } })),
  release: (id: string) => answer(api.DELETE('/api/v1/slots/keep/{id}', { params: { path: { id } } })),
  correct: (id: string, phone: string) =>
    answer(api.PATCH('/api/v1/leads/{id}', { params: { path: { id } }, body: { phone } })),
};

export type Lead = NonNullable<Awaited<ReturnType<typeof deskApi.next>>>;
export type Outcome =
  | 'no-answer'
  | 'busy'
  | 'callback'
  | 'not-interested'
  | 'not-a-fit'
  | 'wrong-number'
  | 'objected'
  | 'booked'
  | 'not-connected';

export interface OutcomeBody {
  outcome: Outcome;
  informed: boolean;
  note?: string;
  callbackAt?: string;
  callback?: 'personal' | 'shared';
  scope?: 'all' | 'client';
  bookingId?: string;
}

/** Whether an act may still happen if it is sent again: the connection is gone, the session is over, or the server is in trouble. */
export const mayComeLater = (error: unknown): boolean =>
  error instanceof Unreachable ||
  (error instanceof ApiProblem && (error.status === 401 || error.status === 429 || error.status >= 500));

export const codeOf = (error: unknown): string => (error instanceof ApiProblem ? error.code : 'unknown');
