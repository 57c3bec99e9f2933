import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const TABS = ['contract', 'rules', 'clock', 'connections', 'mapping'] as const;
export type Tab = (typeof TABS)[number];

export const engagementsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/engagements',
  component: lazyRouteComponent(() => import('./engagements-screen.js'), 'EngagementsScreen'),
});

export const engagementRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/engagements/$engagementId',
  validateSearch: (s): { readonly tab?: Tab; readonly reconnect?: string } => {
    const tab = TABS.find((known) => known === s['tab']);
    const { reconnect } = s;
    const asked = tab === 'connections' && typeof reconnect === 'string' && /^[0-9a-f-]{36}$/.test(reconnect);
    return { ...(tab ? { tab } : {}), ...(asked ? { reconnect } : {}) };
  },
  component: lazyRouteComponent(() => import('./engagement-screen.js'), 'EngagementScreen'),
});

export const engagementsRoutes = [engagementsRoute, engagementRoute] as const;
