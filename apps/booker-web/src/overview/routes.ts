import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const overviewRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/overview',
  component: lazyRouteComponent(() => import('./overview-screen.js'), 'OverviewScreen'),
});

export const overviewRoutes = [overviewRoute] as const;
