import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

export const privacyRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/privacy-centre',
  component: lazyRouteComponent(() => import('./privacy-screen.js'), 'PrivacyScreen'),
});

export const erasuresRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/privacy-centre/erasures',
  validateSearch: (s): { show?: 'all' } => (s['show'] === 'all' ? { show: 'all' } : {}),
  component: lazyRouteComponent(() => import('./erasures-screen.js'), 'ErasuresScreen'),
});

export const erasureRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/privacy-centre/erasures/$orderId',
  component: lazyRouteComponent(() => import('./erasure-screen.js'), 'ErasureScreen'),
});

export const certificatesRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/privacy-centre/certificates',
  component: lazyRouteComponent(() => import('./certificates-screen.js'), 'CertificatesScreen'),
});

export const suppressionsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/privacy-centre/suppressions',
  component: lazyRouteComponent(() => import('./suppressions-screen.js'), 'SuppressionsScreen'),
});

export const privacyRoutes = [privacyRoute, erasuresRoute, erasureRoute, certificatesRoute, suppressionsRoute] as const;
