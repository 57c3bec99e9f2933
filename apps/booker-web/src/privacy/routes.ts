import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const privacyRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/privacy-centre',
  component: lazyRouteComponent(() => import('./privacy-screen.js'), 'PrivacyScreen'),
});

export const privacyRoutes = [privacyRoute] as const;
