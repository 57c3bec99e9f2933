import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const leadsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/leads',
  component: lazyRouteComponent(() => import('./leads-screen.js'), 'LeadsScreen'),
});

export const leadsRoutes = [leadsRoute] as const;
