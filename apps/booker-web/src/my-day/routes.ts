import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const myDayRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/my-day',
  component: lazyRouteComponent(() => import('./my-day-screen.js'), 'MyDayScreen'),
});

export const myDayRoutes = [myDayRoute] as const;
