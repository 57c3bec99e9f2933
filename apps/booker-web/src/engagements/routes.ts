import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const engagementsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/engagements',
  component: lazyRouteComponent(() => import('./engagements-screen.js'), 'EngagementsScreen'),
});

export const engagementsRoutes = [engagementsRoute] as const;
