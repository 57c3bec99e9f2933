import { queryOptions } from '@tanstack/react-query';
import { setBusinessTime } from '../app/clock.js';
import { call } from '../app/api.js';

// What lies below /sandbox is in no OpenAPI document: it is there for this bar and these pages alone (apps/sandbox/README.md).
export interface Move {
  readonly state: 'idle' | 'moving' | 'stalled';
  readonly target: string | null;
  /** Deadlines gone through. */
  readonly steps: number;
  readonly waitingFor: readonly string[];
}

export interface SandboxState {
  readonly now: string;
  readonly clock: Move;
  readonly next: { readonly at: string; readonly of: string; readonly what: string | null } | null;
  readonly mail: { readonly messages: number; readonly mailboxes: number };
  readonly misbehaving: number;
}

export interface Mailbox {
  readonly id: string;
  readonly address: string;
  readonly messages: number;
}

export interface MailHead {
  readonly id: string;
  readonly mailbox: string;
  readonly address: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly sentAt: string | null;
  readonly arrivedAt: string;
  readonly bytes: number;
  readonly calendar: { readonly method: string; readonly uid: string; readonly sequence: number } | null;
}

export interface Mail extends MailHead {
  readonly text: string;
}

export type Vendor = 'hubspot' | 'salesforce';

export interface VendorRecord {
  readonly account: string;
  readonly object: string;
  readonly id: string;
  readonly state: 'live' | 'deleted';
  readonly fields: Readonly<Record<string, unknown>>;
  readonly createdBy: string;
  readonly createdAt: string;
  readonly changedAt: string;
}

export interface CalendarEvent {
  readonly id: string;
  readonly status?: string;
  readonly summary?: string;
  readonly description?: string;
  readonly start?: { readonly dateTime?: string };
  readonly end?: { readonly dateTime?: string };
}

export interface Calendar {
  readonly id: string;
  readonly timeZone: string;
  readonly unreadable: boolean;
  readonly busy: readonly { readonly start: string; readonly end: string }[];
  readonly events: readonly CalendarEvent[];
}

export interface Switches {
  readonly standIn: 'hubspot' | 'salesforce' | 'google' | 'mail';
  readonly kinds: readonly string[];
  readonly on: readonly { readonly kind: string; readonly times: number | null }[];
}

const WHILE_MOVING_MS = 300; // a day takes the clock about 200 ms
const WHILE_IDLE_MS = 5000;

/** Clock, next deadline and counts; each answer also sets business time for the whole page. */
export const stateQuery = queryOptions<SandboxState>({
  queryKey: ['sandbox', 'state'],
  staleTime: 0,
  refetchInterval: (query) => (query.state.data?.clock.state === 'moving' ? WHILE_MOVING_MS : WHILE_IDLE_MS),
  queryFn: async ({ signal }) => {
    const state = await call<SandboxState>('GET', '/sandbox/state', undefined, signal);
    setBusinessTime(Temporal.Instant.from(state.now));
    return state;
  },
});

/** All that clients may know of the sandbox. */
export const nowQuery = queryOptions({
  queryKey: ['sandbox', 'bar'],
  refetchInterval: WHILE_IDLE_MS,
  queryFn: async ({ signal }) => {
    const said = await call<{ now: string }>('GET', '/sandbox/bar', undefined, signal);
    setBusinessTime(Temporal.Instant.from(said.now));
    return said;
  },
});

export type MoveBy = { readonly by: 'hour' | 'day' | 'next' } | { readonly to: string };
export const moveClock = (by: MoveBy) => call<{ now: string; clock: Move }>('POST', '/sandbox/clock', by);

/** The newest mails. @param mailbox id of one; undefined = everybody's */
export const mailQuery = (mailbox: string | undefined, limit: number) =>
  queryOptions({
    queryKey: ['sandbox', 'mail', mailbox, limit],
    staleTime: 0,
    refetchInterval: WHILE_IDLE_MS,
    queryFn: ({ signal }) =>
      call<{ total: number; mailboxes: Mailbox[]; items: MailHead[] }>(
        'GET',
        `/sandbox/mail?${new URLSearchParams({ limit: String(limit), ...(mailbox ? { mailbox } : {}) })}`,
        undefined,
        signal,
      ),
  });

export const oneMailQuery = (id: string) =>
  queryOptions({
    queryKey: ['sandbox', 'one-mail', id],
    staleTime: Infinity, // a mail that has arrived never changes
    queryFn: ({ signal }) => call<Mail>('GET', `/sandbox/mail/${id}`, undefined, signal),
  });

export const rawMailQuery = (id: string) =>
  queryOptions({
    queryKey: ['sandbox', 'raw-mail', id],
    staleTime: Infinity,
    queryFn: ({ signal }) => call<string>('GET', `/sandbox/mail/${id}/raw`, undefined, signal),
  });

export const answerMail = (
  id: string,
  said: { readonly text?: string; readonly calendar?: 'accepted' | 'declined' | 'tentative' },
) => call<{ id: string; to: string; subject: string }>('POST', `/sandbox/mail/${id}/answer`, said);

export const recordsQuery = (vendor: Vendor) =>
  queryOptions({
    queryKey: ['sandbox', 'crm', vendor],
    staleTime: 0,
    refetchInterval: WHILE_IDLE_MS,
    queryFn: ({ signal }) =>
      call<{ total: number; items: VendorRecord[] }>('GET', `/sandbox/crm/${vendor}?limit=1000`, undefined, signal),
  });

export const calendarsQuery = queryOptions({
  queryKey: ['sandbox', 'calendars'],
  staleTime: 0,
  refetchInterval: WHILE_IDLE_MS,
  queryFn: ({ signal }) => call<{ items: Calendar[] }>('GET', '/sandbox/calendars', undefined, signal),
});

export const setUnreadable = (id: string, unreadable: boolean) =>
  call<unknown>('PUT', '/sandbox/calendars', { id, unreadable });

export const switchesQuery = queryOptions({
  queryKey: ['sandbox', 'misbehave'],
  staleTime: 0,
  refetchInterval: WHILE_IDLE_MS,
  queryFn: ({ signal }) => call<{ items: Switches[] }>('GET', '/sandbox/misbehave', undefined, signal),
});

const SLOW_MS = 3000;

/** Turns a misbehaviour on until it is turned off, or off. */
export const misbehave = (standIn: Switches['standIn'], kind: string, on: boolean) =>
  on
    ? call<unknown>('POST', '/sandbox/misbehave', {
        standIn,
        kind,
        times: null,
        ...(kind === 'slow' || kind === 'timeout-after-commit' ? { ms: SLOW_MS } : {}),
      })
    : call<unknown>('DELETE', `/sandbox/misbehave/${standIn}/${kind}`);
