import { createRoute, lazyRouteComponent, redirect } from '@tanstack/react-router';
import { rootRoute } from '../app/frame-route.js';
import { sessionQuery } from '../app/session.js';

/** A path of ours to go on to; anything that could lead elsewhere is dropped. */
const ownPath = (to: unknown): string | undefined =>
  typeof to === 'string' && /^\/(?![/\\])/.test(to) && to.length <= 2000 ? to : undefined;

export const signInRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/sign-in',
  // Named also where it is dropped: beforeLoad sees the raw address beneath what is returned here.
  validateSearch: (search): { to?: string | undefined } => ({ to: ownPath(search['to']) }),
  beforeLoad: async ({ context, search }) => {
    const session = await context.queries.ensureQueryData(sessionQuery);
    if (session.state === 'signed-in') throw redirect({ href: search.to ?? '/', replace: true });
  },
  component: lazyRouteComponent(() => import('./sign-in-screen.js'), 'SignInScreen'),
});

export const signInRoutes = [
  signInRoute,
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/second-factor',
    component: lazyRouteComponent(() => import('./second-factor-screen.js'), 'SecondFactorScreen'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/invitation',
    component: lazyRouteComponent(() => import('./invitation-screen.js'), 'InvitationScreen'),
  }),
  createRoute({
    getParentRoute: () => rootRoute,
    path: '/password-reset',
    component: lazyRouteComponent(() => import('./reset-screen.js'), 'ResetScreen'),
  }),
] as const;
