import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const STATES = ['booked', 'cancelled', 'held', 'missed'] as const;
export type MeetingState = (typeof STATES)[number];

/** What the address holds: ids, a state, a week; nothing of anybody. */
export interface MeetingsSearch {
  readonly engagement?: string;
  readonly host?: string;
  readonly state?: MeetingState;
  /** The Monday of the week shown, `2027-03-08`; this week when not given. */
  readonly week?: string;
  /** The list when not given. */
  readonly view?: 'week';
  /** The meeting whose details are open. */
  readonly open?: string;
}

const id = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value) ? value : undefined;

/** Any day of a week stands for its Monday. */
function monday(value: unknown): string | undefined {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\d$/.test(value)) return undefined;
  try {
    const day = Temporal.PlainDate.from(value);
    return day.subtract({ days: day.dayOfWeek - 1 }).toString();
  } catch {
    return undefined;
  }
}

export const meetingsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/meetings',
  validateSearch: (s): MeetingsSearch =>
    Object.fromEntries(
      Object.entries({
        engagement: id(s['engagement']),
        host: id(s['host']),
        state: STATES.find((known) => known === s['state']),
        week: monday(s['week']),
        view: s['view'] === 'week' ? 'week' : undefined,
        open: id(s['open']),
      }).filter(([, value]) => value !== undefined),
    ),
  component: lazyRouteComponent(() => import('./meetings-screen.js'), 'MeetingsScreen'),
});

export const meetingsRoutes = [meetingsRoute] as const;
