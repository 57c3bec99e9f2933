import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

/** What the address holds: ids. */
export interface OverviewSearch {
  readonly engagement?: string;
  readonly host?: string;
}

const id = (value: unknown): string | undefined =>
  typeof value === 'string' && /^[0-9a-f-]{36}$/.test(value) ? value : undefined;

export const overviewRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/overview',
  validateSearch: (s): OverviewSearch => {
    const [engagement, host] = [id(s['engagement']), id(s['host'])];
    return { ...(engagement ? { engagement } : {}), ...(host ? { host } : {}) };
  },
  component: lazyRouteComponent(() => import('./overview-screen.js'), 'OverviewScreen'),
});

export const overviewRoutes = [overviewRoute] as const;
