import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const syncRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/sync',
  component: lazyRouteComponent(() => import('./sync-screen.js'), 'SyncScreen'),
});

export const syncRoutes = [syncRoute] as const;
