import { infiniteQueryOptions } from '@tanstack/react-query';
import { answer, api } from '../app/api.js';
import { TRAILS, type Trail } from '../app/audit-trails.js';
import { AGENCY_ZONE } from '../ui/time-text.js';
import { isDry, merged, type Source } from './merge.js';
import type { AuditSearch } from './routes.js';

/** Rows asked of each trail at a time; each asking is itself a row in it. */
const PAGE = 100;

export type Filter = ReturnType<typeof filterOf>;

/** What the API is asked for: days become the instants between which they lie. */
export function filterOf({ who, lead, act, from, to }: AuditSearch) {
  const startOf = (day: string, plus: number) =>
    Temporal.PlainDate.from(day).add({ days: plus }).toZonedDateTime(AGENCY_ZONE).toInstant().toString();
  return {
    ...(who ? { actor: who } : {}),
    ...(lead ? { lead } : {}),
    ...(act ? { act } : {}),
    ...(from ? { from: startOf(from, 0) } : {}),
    ...(to ? { to: startOf(to, 1) } : {}),
  };
}

export const trailsOf = ({ service }: AuditSearch): readonly Trail[] => (service ? [service] : TRAILS);

const ask = (service: Trail, query: Filter & { limit: number; after?: string }, signal: AbortSignal) =>
  answer(api.GET(`/api/v1/${service}/audit` as const, { signal, params: { query } }));

/** An entry as each of the services tells it, and whose trail it is in. */
export interface Entry {
  readonly service: Trail;
  readonly id: string;
  /** Place in the tree, from 0; null until it is sealed. */
  readonly row: number | null;
  readonly at: string;
  readonly act: string;
  readonly by: {
    readonly kind: 'user' | 'service' | 'key';
    readonly id: string;
    readonly role: string | null;
    readonly sessionId: string | null;
    readonly purpose: string | null;
    readonly event: string | null;
  };
  readonly engagementId: string | null;
  readonly subjectId: string | null;
  readonly fields: readonly string[];
  readonly detail: Readonly<Record<string, string | number | boolean | null>>;
}

interface Page {
  readonly rows: readonly Entry[];
  readonly left: readonly Source<Entry>[];
  /** Trails that do not answer: what is shown is without them. */
  readonly away: readonly Trail[];
}

/** The trails as one, newest first. Each is read by its own cursor, so that a page costs the same among a million rows and nothing is shown
 * twice or left out, whatever is written meanwhile. Never fetched anew by itself: reading is written down. */
export function rowsQuery(search: AuditSearch) {
  const filter = filterOf(search);
  const trails = trailsOf(search);
  return infiniteQueryOptions({
    queryKey: ['audit-rows', trails, filter],
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
    retry: 1,
    initialPageParam: trails.map((): Source<Entry> => ({ held: [], next: undefined })) as readonly Source<Entry>[],
    queryFn: async ({ pageParam, signal }): Promise<Page> => {
      const away: Trail[] = [];
      const errors: unknown[] = [];
      const read = async (source: Source<Entry>, i: number): Promise<Source<Entry>> => {
        if (!isDry(source)) return source;
        const service = trails[i]!;
        try {
          const { items, next } = await ask(
            service,
            { ...filter, limit: PAGE, ...(source.next ? { after: source.next } : {}) },
            signal,
          );
          return { held: items.map((item) => ({ ...item, service })), next };
        } catch (error) {
          if (signal.aborted) throw error;
          away.push(service);
          errors.push(error);
          return { held: [], next: null };
        }
      };
      const sources = await Promise.all(pageParam.map(read));
      if (away.length === trails.length) throw errors[0];
      return { ...merged(sources), away };
    },
    getNextPageParam: ({ left }) => (left.some((s) => s.held.length > 0 || s.next !== null) ? left : undefined),
  });
}
