import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { answer, api } from '../app/api.js';

const page = (
  query: { limit: number; order: 'newest'; state?: 'open' | 'closed'; scope?: 'engagement' | 'lead'; after?: string },
  signal: AbortSignal,
) => answer(api.GET('/api/v1/erasures', { signal, params: { query } }));

export type Order = Awaited<ReturnType<typeof page>>['items'][number];
export type Receipt = Order['receipts'][number];

/** Erasures, the youngest first. @param state left out = all of them */
export const ordersQuery = (state?: 'open' | 'closed') =>
  infiniteQueryOptions({
    queryKey: ['erasures', state],
    refetchInterval: 5000,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      page(
        {
          limit: 200,
          order: 'newest',
          ...(state ? { state } : {}),
          ...(pageParam === undefined ? {} : { after: pageParam }),
        },
        signal,
      ),
    getNextPageParam: (last) => last.next ?? undefined,
  });

export const orderQuery = (id: string) =>
  queryOptions({
    queryKey: ['erasure', id],
    refetchInterval: 2000,
    queryFn: ({ signal }) => answer(api.GET('/api/v1/erasures/{id}', { signal, params: { path: { id } } })),
  });

export const RECIPIENTS = ['lead-intake', 'scheduling', 'crm-sync'] as const;
export type Recipient = (typeof RECIPIENTS)[number];

/** Where one recipient stands, from its receipts: done means read back with nothing left. */
export interface RecipientLine {
  readonly recipient: Recipient;
  readonly state: 'scheduled' | 'awaiting-receipt' | 'failing' | 'done';
  readonly receipts: readonly Receipt[];
  readonly records: number | null;
  readonly sentAt: string | null;
  readonly readBackAt: string | null;
}

/** One line for each recipient, what is not done first. */
export function linesOf(order: Order): RecipientLine[] {
  const lines = RECIPIENTS.map((recipient): RecipientLine => {
    const receipts = order.receipts.filter((r) => r.recipient === recipient);
    const of = (phase: Receipt['phase']) => receipts.find((r) => r.phase === phase);
    const [asked, verified] = [of('asked'), of('verified')];
    const outstanding = (verified ?? asked)?.outstanding.length ?? 0;
    const done = verified !== undefined && verified.counts['left'] === 0 && outstanding === 0;
    const missing = order.incomplete.some((name) => name === recipient || name.startsWith(`${recipient}/`));
    return {
      recipient,
      state: done ? 'done' : missing ? 'failing' : asked || of('stopped') ? 'awaiting-receipt' : 'scheduled',
      receipts,
      records: recordsOf(asked ?? verified),
      sentAt: asked?.at ?? null,
      readBackAt: verified?.at ?? null,
    };
  });
  const rank = { failing: 0, 'awaiting-receipt': 1, scheduled: 2, done: 3 };
  return lines.sort((a, b) => rank[a.state] - rank[b.state]);
}

function recordsOf(receipt: Receipt | undefined): number | null {
  if (!receipt) return null;
  const counted = Object.entries(receipt.counts).filter(([name]) => name !== 'left');
  return counted.length ? Math.max(...counted.map(([, n]) => n)) : null;
}

/** The state of the whole, in the words of the console. */
export function stateOf(order: Order, now: Temporal.Instant): 'in-progress' | 'done' | 'incomplete' | 'late' {
  if (order.state === 'completed') return 'done';
  if (order.state === 'incomplete') return 'incomplete';
  const today = now.toZonedDateTimeISO('Europe/Stockholm').toPlainDate();
  if (order.eraseBy && Temporal.PlainDate.compare(today, order.eraseBy) > 0) return 'late';
  return order.incomplete.length ? 'incomplete' : 'in-progress';
}
