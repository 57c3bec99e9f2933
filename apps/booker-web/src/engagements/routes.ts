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
  validateSearch: (s): { readonly tab?: Tab } => {
    const tab = TABS.find((known) => known === s['tab']);
    return tab ? { tab } : {};
  },
  component: lazyRouteComponent(() => import('./engagement-screen.js'), 'EngagementScreen'),
});

export const engagementsRoutes = [engagementsRoute, engagementRoute] as const;
