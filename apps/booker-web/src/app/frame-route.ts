import { createRootRouteWithContext, createRoute, redirect } from '@tanstack/react-router';
import { type QueryClient } from '@tanstack/react-query';
import { Crashed, NotFound } from './not-found.js';
import { sessionQuery } from './session.js';
import { Shell } from './shell.js';

export interface RouterContext {
  readonly queries: QueryClient;
}

export const rootRoute = createRootRouteWithContext<RouterContext>()({
  notFoundComponent: NotFound,
  errorComponent: Crashed,
});

/** The parent of every screen: nothing below it is shown before it is known who is signed in. */
export const frameRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: 'frame',
  component: Shell,
  beforeLoad: async ({ context, location }) => {
    const session = await context.queries.ensureQueryData(sessionQuery);
    if (session.state === 'second-factor') throw redirect({ to: '/second-factor' });
    if (session.state === 'signed-out') {
      const to = location.href === '/' ? undefined : location.href;
      throw redirect({ to: '/sign-in', search: to === undefined ? {} : { to } });
    }
  },
});
