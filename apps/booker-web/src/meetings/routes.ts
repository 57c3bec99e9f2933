import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const meetingsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/meetings',
  component: lazyRouteComponent(() => import('./meetings-screen.js'), 'MeetingsScreen'),
});

export const meetingsRoutes = [meetingsRoute] as const;
