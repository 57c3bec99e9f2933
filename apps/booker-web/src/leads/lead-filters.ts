// Loaded with the frame (routes.ts): no component in here.

export const LEAD_STATES = [
  'new',
  'callable',
  'not-informed',
  'handed-out',
  'callback',
  'waiting-period',
  'interested',
  'booked',
  'closed',
  'attempts-used',
  'restricted',
  'suppressed',
  'being-erased',
] as const;
export type LeadState = (typeof LEAD_STATES)[number];

export const GROUNDS = ['legitimate-interest', 'consent', 'contract'] as const;
export type Ground = (typeof GROUNDS)[number];

export const SORTS = ['newest', 'oldest', 'notice'] as const;
export type LeadSort = (typeof SORTS)[number];

/** What the list's address holds: nothing of it is about a person. */
export interface LeadsSearch {
  readonly engagement?: string;
  readonly state?: LeadState;
  readonly ground?: Ground;
  /** Where leads came from; a company or a register, which the server refuses to be a person. */
  readonly source?: string;
  readonly notice?: 'week';
  readonly callable?: true;
  readonly mine?: true;
  readonly sort?: LeadSort;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Anything else in the address is dropped. */
export function leadsSearch(s: Record<string, unknown>): LeadsSearch {
  const { engagement, state, ground, source, notice, callable, mine, sort } = s;
  return {
    ...(typeof engagement === 'string' && ID.test(engagement) ? { engagement } : {}),
    ...(LEAD_STATES.includes(state as LeadState) ? { state: state as LeadState } : {}),
    ...(GROUNDS.includes(ground as Ground) ? { ground: ground as Ground } : {}),
    ...(typeof source === 'string' && source.trim() && source.length <= 500 ? { source } : {}),
    ...(notice === 'week' ? { notice } : {}),
    ...(callable === true ? { callable } : {}),
    ...(mine === true ? { mine } : {}),
    ...(SORTS.includes(sort as LeadSort) ? { sort: sort as LeadSort } : {}),
  };
}

/** As the API wants it. `noticeBefore` is rounded up to the hour, so that the same filter is the same question. */
export function apiFilter(
  s: LeadsSearch,
  now: Temporal.Instant,
): {
  engagementId?: string;
  state?: LeadState;
  ground?: Ground;
  source?: string;
  noticeBefore?: string;
  callable?: boolean;
  ownerOnly?: boolean;
} {
  return {
    ...(s.engagement ? { engagementId: s.engagement } : {}),
    ...(s.state ? { state: s.state } : {}),
    ...(s.ground ? { ground: s.ground } : {}),
    ...(s.source ? { source: s.source } : {}),
    ...(s.notice ? { noticeBefore: weekFrom(now) } : {}),
    ...(s.callable ? { callable: true } : {}),
    ...(s.mine ? { ownerOnly: true } : {}),
  };
}

const weekFrom = (now: Temporal.Instant): string =>
  now
    .add({ hours: 7 * 24 })
    .round({ smallestUnit: 'hour', roundingMode: 'ceil' })
    .toString();

export const FILTER_KEYS = ['engagement', 'state', 'ground', 'source', 'notice', 'callable', 'mine'] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

export const hasFilter = (s: LeadsSearch): boolean => FILTER_KEYS.some((k) => s[k] !== undefined);
