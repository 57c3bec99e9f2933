import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';
import { CAUSES, STATES, type Cause, type State } from './states.js';

/** What the address holds: ids, states and causes; nothing of anybody. */
export interface SyncSearch {
  readonly engagement?: string;
  readonly state?: State;
  readonly cause?: Cause;
  /** The push whose details are open. */
  readonly open?: string;
}

const one = <T extends string>(of: readonly T[], value: unknown): T | undefined => of.find((known) => known === value);
const id = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value) ? value : undefined;

export const syncRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/sync',
  validateSearch: (s): SyncSearch =>
    Object.fromEntries(
      Object.entries({
        engagement: id(s['engagement']),
        state: one(STATES, s['state']),
        cause: one(CAUSES, s['cause']),
        open: id(s['open']),
      }).filter(([, value]) => value !== undefined),
    ),
  component: lazyRouteComponent(() => import('./sync-screen.js'), 'SyncScreen'),
});

export const parkedRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/sync/parked',
  component: lazyRouteComponent(() => import('./parked-screen.js'), 'ParkedScreen'),
});

export const syncRoutes = [syncRoute, parkedRoute] as const;
