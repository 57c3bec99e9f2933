import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const callingRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/calling',
  validateSearch: (s): { engagement?: string } =>
    typeof s['engagement'] === 'string' ? { engagement: s['engagement'] } : {},
  component: lazyRouteComponent(() => import('./calling-screen.js'), 'CallingScreen'),
});

export const callingRoutes = [callingRoute] as const;
