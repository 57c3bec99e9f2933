import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const floorRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/floor',
  component: lazyRouteComponent(() => import('./floor-screen.js'), 'FloorScreen'),
});

export const floorRoutes = [floorRoute] as const;
