import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const staffRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/staff',
  component: lazyRouteComponent(() => import('./staff-screen.js'), 'StaffScreen'),
});

export const staffRoutes = [staffRoute] as const;
