import { createRoute, lazyRouteComponent } from '@tanstack/react-router';
import { frameRoute } from '../app/frame-route.js';

interface Search {
  /** Swedish calendar day; today when left out. */
  readonly on?: string;
  readonly as?: 'table';
}

export const myDayRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: '/my-day',
  validateSearch: (s): Search => ({
    ...(typeof s['on'] === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(s['on']) ? { on: s['on'] } : {}),
    ...(s['as'] === 'table' ? { as: 'table' as const } : {}),
  }),
  component: lazyRouteComponent(() => import('./my-day-screen.js'), 'MyDayScreen'),
});

export const myDayRoutes = [myDayRoute] as const;
